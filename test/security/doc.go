// Package security attacks a platform of its own: as people without rights, as apps of the platform that do what they may
// not, as clients that speak HTTP, JSON and WebSocket wrongly, and as one person who asks for too much. docs/security.md
// says which spec defends what. In the end no log may show a secret, and "shema verify" has nothing to say.
package security
