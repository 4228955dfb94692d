package auth

import "sync"

// maxRemembered bounds the memory for tokens already checked.
const maxRemembered = 1024

// remembered spares the signature check for tokens seen before: clients send the same one with every request, and callers
// for half a minute. It is safe for concurrent use.
type remembered[T any] struct {
	mu    sync.RWMutex
	known map[string]T
}

// recall returns what is known of a token.
func (r *remembered[T]) recall(token string) (T, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()

	known, ok := r.known[token]

	return known, ok
}

// remember keeps what a token has turned out to be.
func (r *remembered[T]) remember(token string, known T) {
	r.mu.Lock()
	defer r.mu.Unlock()

	if r.known == nil || len(r.known) >= maxRemembered {
		r.known = map[string]T{}
	}

	r.known[token] = known
}
