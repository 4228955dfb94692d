// Package compress sends JSON with gzip to those who accept it.
package compress

import (
	"bytes"
	"compress/gzip"
	"strconv"
	"strings"
	"sync"
)

// MinBytes is the size from which compressing pays; smaller answers fit into one packet anyway.
const MinBytes = 1 << 10

// writers are used again: one holds 800 KiB of tables.
var writers = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // The level is a constant.
	}

	return w
}}

// Bytes returns the compressed form of body, or nil if that would not be smaller or body has less than MinBytes.
func Bytes(body []byte) []byte {
	if len(body) < MinBytes {
		return nil
	}

	out := bytes.NewBuffer(make([]byte, 0, len(body)/4)) //nolint:mnd // what JSON usually shrinks to
	w, _ := writers.Get().(*gzip.Writer)

	defer writers.Put(w)

	w.Reset(out)

	if _, err := w.Write(body); err != nil {
		return nil
	}

	if err := w.Close(); err != nil || out.Len() >= len(body) {
		return nil
	}

	return out.Bytes()
}

// Accepts reports whether the lines of an Accept-Encoding header allow gzip, as RFC 9110 §12.5.3 reads them.
func Accepts(acceptEncoding []string) bool {
	star := false
	for _, line := range acceptEncoding {
		for line != "" {
			var entry string

			entry, line, _ = strings.Cut(line, ",")

			coding, parameters, _ := strings.Cut(entry, ";")
			switch strings.TrimSpace(coding) {
			case "gzip", "x-gzip", "GZIP":
				return allowed(parameters)
			case "*":
				star = allowed(parameters)
			}
		}
	}

	return star
}

// allowed reads the weight of a coding, such as "q=0.5"; 0 forbids it.
func allowed(parameters string) bool {
	_, weight, ok := strings.Cut(parameters, "q=")
	if !ok {
		return true
	}

	q, err := strconv.ParseFloat(strings.TrimSpace(weight), 64)

	return err == nil && q > 0
}
