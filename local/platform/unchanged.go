package platform

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// earlier is what a program was before it was built again.
type earlier struct {
	sum      string
	modified time.Time
}

// programsIn remembers the programs in a folder.
func programsIn(folder string) map[string]earlier {
	files, _ := filepath.Glob(filepath.Join(folder, "*"))

	found := map[string]earlier{}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			continue
		}

		if sum, err := contentOf(file); err == nil {
			found[file] = earlier{sum: sum, modified: info.ModTime()}
		}
	}

	return found
}

// restoreTimes gives those programs that are what they were their old time
// stamps back. Go renews them with every build, and a program with a new one is
// restarted.
func restoreTimes(before map[string]earlier) error {
	for file, old := range before {
		if sum, err := contentOf(file); err != nil || sum != old.sum {
			continue
		}

		if err := os.Chtimes(file, old.modified, old.modified); err != nil {
			return fmt.Errorf("keep the time stamp of %s: %w", file, err)
		}
	}

	return nil
}

func contentOf(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read a program: %w", err)
	}

	defer func() { _ = file.Close() }()

	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", fmt.Errorf("read a program: %w", err)
	}

	return string(sum.Sum(nil)), nil
}
