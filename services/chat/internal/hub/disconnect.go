package hub

import (
	"fmt"
	"time"
)

// Reconnect is what a client does after its connection has ended.
type Reconnect int

// What clients do. One that comes back resumes.
const (
	// ReconnectNever: the same token will be refused again.
	ReconnectNever Reconnect = iota
	// ReconnectAfterHint: after the time that the reason names.
	ReconnectAfterHint
	// ReconnectWithNewToken: with a fresh access token.
	ReconnectWithNewToken
	// ReconnectAtOnce: right away.
	ReconnectAtOnce
	// ReconnectLater: after a pause that grows with every failure.
	ReconnectLater
)

// Disconnect is why the server ends a connection: the code and reason of the close frame, and what a good client does
// then. The documentation of the protocol lists all of them.
type Disconnect struct {
	// Code is RFC 6455's, or one of our own from 4000 on.
	Code int
	// Reason is a short sentence for developers, or a hint that clients read.
	Reason    string
	Reconnect Reconnect
}

// The disconnects of the protocol.
var (
	DisconnectInvalidText = Disconnect{Code: 1007, Reason: "a text frame is not UTF-8", Reconnect: ReconnectAtOnce}
	DisconnectTooLarge    = Disconnect{Code: 1009, Reason: "a frame is too large", Reconnect: ReconnectAtOnce}
	DisconnectExpired     = Disconnect{Code: 4001, Reason: "the access token has expired", Reconnect: ReconnectWithNewToken}
	DisconnectNotAllowed  = Disconnect{Code: 4003, Reason: "the session has ended", Reconnect: ReconnectNever}
	DisconnectTooSlow     = Disconnect{Code: 4008, Reason: "too slow; reconnect and resume", Reconnect: ReconnectAtOnce}
	DisconnectTooMany     = Disconnect{Code: 4029, Reason: "too many connections", Reconnect: ReconnectLater}
	DisconnectTooFast     = Disconnect{Code: 4029, Reason: "too many messages", Reconnect: ReconnectLater}
)

// DisconnectGoingAway returns the disconnect of a replica that stops; the client comes back after a while.
func DisconnectGoingAway(after time.Duration) Disconnect {
	return Disconnect{
		Code:      1001,
		Reason:    fmt.Sprintf("reconnect_after_ms=%d", after.Milliseconds()),
		Reconnect: ReconnectAfterHint,
	}
}

// DropsQueue reports whether frames that wait for the network are dropped: their reader may hear nothing more, or does
// not read anyway.
func (d Disconnect) DropsQueue() bool {
	return d.Code == DisconnectNotAllowed.Code || d.Code == DisconnectTooSlow.Code
}
