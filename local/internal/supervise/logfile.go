package supervise

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

const (
	// rotateAt is the size from which a log is moved aside when its program starts anew.
	rotateAt = 20 << 20
	// tailBytes and tailLines bound what an error shows of a log.
	tailBytes = 16 << 10
	tailLines = 20
)

// LogPath returns where the named part logs.
func LogPath(folder, name string) string { return filepath.Join(folder, name+".log") }

// OpenLog opens the log of the named part for appending and returns its size so
// far. A large one is moved aside first; one older generation is kept.
func OpenLog(folder, name string) (*os.File, int64, error) {
	path := LogPath(folder, name)
	if info, err := os.Stat(path); err == nil && info.Size() > rotateAt {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, 0, fmt.Errorf("rotate log: %w", err)
		}
	}

	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, logMode)
	if err != nil {
		return nil, 0, fmt.Errorf("open log: %w", err)
	}

	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, 0, fmt.Errorf("open log: %w", err)
	}

	return file, size, nil
}

// LogTail returns the last lines that the named part wrote after the offset.
func LogTail(folder, name string, offset int64) string {
	file, err := os.Open(LogPath(folder, name))
	if err != nil {
		return ""
	}

	defer func() { _ = file.Close() }()

	if info, err := file.Stat(); err == nil {
		offset = max(offset, info.Size()-tailBytes)
	}

	data, err := io.ReadAll(io.NewSectionReader(file, offset, tailBytes))
	if err != nil {
		return ""
	}

	lines := bytes.Split(bytes.TrimRight(data, "\n"), []byte("\n"))

	return string(bytes.Join(lines[max(0, len(lines)-tailLines):], []byte("\n")))
}
