package crowd

// heard is what one device knows of one session, by the rules of the chat's protocol for clients.
type heard struct {
	// upTo is the number up to which every message is known; ahead are those known beyond it.
	upTo  int64
	ahead map[int64]bool
	// next is the lowest number that may still come over the present connection.
	next int64
	// after is the number of the last resume frame, and answers how often a message with the next number may begin to
	// repeat what was heard before.
	after   int64
	answers int
}

// begin starts a connection on which messages after lastSeq will come by themselves. On the first one of all, what was
// said before does not count.
func (h *heard) begin(lastSeq int64, first bool) {
	h.next, h.answers = 0, 0
	if first {
		h.upTo, h.next = lastSeq, lastSeq+1
	}
}

// resume returns the number for a resume frame that is about to be sent over a connection that began at lastSeq. If
// nothing was missed, the first message may come by itself before the frame arrives, and then again as its answer.
func (h *heard) resume(lastSeq int64) int64 {
	h.after, h.answers = h.upTo, 1
	if h.after >= lastSeq {
		h.answers = 2
	}

	return h.after
}

// hear takes in a message that has come over the present connection: whether it is news, and whether it has come over
// this connection before without being asked for.
func (h *heard) hear(seq int64) (news, doubled bool) {
	if h.answers > 0 && seq == h.after+1 {
		h.answers--
	} else if seq < h.next {
		return false, true
	}

	h.next = seq + 1

	return h.know(seq), false
}

// know notes that a message exists, and returns whether that is news.
func (h *heard) know(seq int64) bool {
	if seq <= h.upTo || h.ahead[seq] {
		return false
	}

	if h.ahead == nil {
		h.ahead = map[int64]bool{}
	}

	h.ahead[seq] = true
	for h.ahead[h.upTo+1] {
		h.upTo++
		delete(h.ahead, h.upTo)
	}

	return true
}
