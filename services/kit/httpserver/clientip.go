package httpserver

import (
	"net/http"
	"net/netip"
	"strings"
)

// ClientAddress returns the address of the machine that called: the connection's, or, as long as that belongs to a
// trusted proxy, the one before it in X-Forwarded-For. Whatever stands further left any client could have written. It is
// invalid where the connection has no address.
func ClientAddress(r *http.Request, trusted []netip.Prefix) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}

	address := peer.Addr().Unmap().WithZone("")
	if len(trusted) == 0 {
		return address
	}

	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && isTrusted(address, trusted); i-- {
		previous, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}

		address = previous.Unmap().WithZone("")
	}

	return address
}

// clientIP is ClientAddress as text, empty where there is none.
func clientIP(r *http.Request, trusted []netip.Prefix) string {
	address := ClientAddress(r, trusted)
	if !address.IsValid() {
		return ""
	}

	return address.String()
}

func isTrusted(address netip.Addr, trusted []netip.Prefix) bool {
	for _, prefix := range trusted {
		if prefix.Contains(address) {
			return true
		}
	}

	return false
}
