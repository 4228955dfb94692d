package machine

import (
	"bufio"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Metrics reads what a program shows of itself: values by the names of metrics, with their labels where they have some.
func Metrics(url string) (map[string]float64, error) {
	response, err := http.Get(url)
	if err != nil {
		return nil, err
	}

	defer func() { _ = response.Body.Close() }()

	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", url, response.Status)
	}

	found := map[string]float64{}

	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		name, value, ok := cutLast(lines.Text())
		if !ok || strings.HasPrefix(name, "#") {
			continue
		}

		if number, err := strconv.ParseFloat(value, 64); err == nil {
			found[name] = number
		}
	}

	return found, lines.Err()
}

// cutLast splits a line at its last space: labels may hold spaces too.
func cutLast(line string) (name, value string, ok bool) {
	i := strings.LastIndexByte(line, ' ')
	if i < 0 {
		return "", "", false
	}

	return line[:i], line[i+1:], true
}
