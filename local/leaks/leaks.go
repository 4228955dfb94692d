// Package leaks looks for secrets where none may be: in the logs of programs, and among their arguments.
package leaks

import (
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const (
	// atLeast is how long a secret is, to be told from chance.
	atLeast = 8
	// longest bounds a secret, so that one is found that lies across two pieces of a file.
	longest = 4 << 10
	piece   = 1 << 20
)

// signed is a token that is signed, whoever made it.
var signed = regexp.MustCompile(`eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}`)

// Secrets are known ones, with what each of them is.
type Secrets map[string]string

// Add notes a secret, unless it is too short to be told from chance.
func (s Secrets) Add(secret, what string) {
	if len(secret) >= atLeast && len(secret) <= longest {
		s[secret] = what
	}
}

// AddKeys notes the private keys in the files of a folder.
func (s Secrets) AddKeys(folder string) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}

	defer func() { _ = root.Close() }()

	return fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}

		content, err := root.ReadFile(path)
		if err != nil {
			return err
		}

		if block, _ := pem.Decode(content); block == nil || !strings.HasSuffix(block.Type, "PRIVATE KEY") {
			return nil
		}

		// Whoever prints a key may break its lines in another way, but not within one.
		for line := range strings.Lines(string(content)) {
			if !strings.HasPrefix(line, "-----") {
				s.Add(strings.TrimSpace(line), "a private key, "+entry.Name())
			}
		}

		return nil
	})
}

// Finder finds secrets in texts, however many there are.
type Finder struct {
	// by holds the secrets by their first eight bytes.
	by   map[uint64][]string
	what Secrets
}

// Finder prepares a search for these and for signed tokens.
func (s Secrets) Finder() *Finder {
	f := &Finder{by: make(map[uint64][]string, len(s)), what: s}
	for secret := range s {
		begins := binary.LittleEndian.Uint64([]byte(secret))
		f.by[begins] = append(f.by[begins], secret)
	}

	return f
}

// In says which secrets a text shows, each kind once.
func (f *Finder) In(text []byte) []string {
	var found []string
	if signed.Match(text) {
		found = append(found, "a signed token")
	}

	for i := 0; i+atLeast <= len(text); i++ {
		for _, secret := range f.by[binary.LittleEndian.Uint64(text[i:])] {
			if i+len(secret) <= len(text) && string(text[i:i+len(secret)]) == secret {
				found = append(found, f.what[secret])
			}
		}
	}

	slices.Sort(found)

	return slices.Compact(found)
}

// InFolder reads all files of a folder, and says which of them shows what.
func (f *Finder) InFolder(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("look for secrets: %w", err)
	}

	var found []string

	for _, entry := range entries {
		shown, err := f.inFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("look for secrets: %w", err)
		}

		for _, what := range shown {
			found = append(found, entry.Name()+" shows "+what)
		}
	}

	return found, nil
}

// inFile reads a file piece by piece: logs may be long.
func (f *Finder) inFile(path string) ([]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}

	defer func() { _ = file.Close() }()

	var found []string

	text, rest := make([]byte, longest+piece), 0
	for {
		n, err := io.ReadFull(file, text[rest:])
		found = append(found, f.In(text[:rest+n])...)

		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			slices.Sort(found)
			return slices.Compact(found), nil
		}

		if err != nil {
			return nil, err
		}

		rest = copy(text, text[len(text)-longest:])
	}
}
