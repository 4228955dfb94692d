package browser

import (
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

// connect opens a chat connection; the ticket is the person's id.
func (s *school) connect(w http.ResponseWriter, r *http.Request) {
	person := s.person(r.URL.Query().Get("ticket"))

	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil || person == nil {
		return
	}

	lock := &sync.Mutex{}
	s.sockets[conn] = lock

	send(conn, lock, "session", object{
		"session_id": talkID, "last_seq": len(s.messages), "status": "active", "read": object{"mine": 2, "others": 1},
	})
	go s.converse(conn, lock, person)
}

func send(conn *websocket.Conn, lock *sync.Mutex, kind string, data object) {
	lock.Lock()
	defer lock.Unlock()

	_ = conn.WriteJSON(object{"type": kind, "data": data})
}

func (s *school) converse(conn *websocket.Conn, lock *sync.Mutex, person object) {
	for {
		frame := object{}
		if conn.ReadJSON(&frame) != nil {
			s.mu.Lock()
			delete(s.sockets, conn)
			s.mu.Unlock()

			return
		}

		s.mu.Lock()
		switch frame["type"] {
		case "resume":
			for _, message := range s.messages {
				if float64(message["seq"].(int)) > frame["last_seq"].(float64) {
					send(conn, lock, "new_message", message)
				}
			}
		case "message":
			s.take(conn, lock, person, frame)
		}

		s.mu.Unlock()
	}
}

// take writes a message down, once for each name that its sender gave it.
func (s *school) take(conn *websocket.Conn, lock *sync.Mutex, person, frame object) {
	for _, known := range s.messages {
		if known["client_msg_id"] == frame["client_msg_id"] {
			send(conn, lock, "ack", object{"client_msg_id": frame["client_msg_id"], "session_id": talkID, "seq": known["seq"]})
			return
		}
	}

	message := s.message(len(s.messages)+1, person["role"].(string), person, frame["message"].(string), time.Duration(0))
	message["client_msg_id"] = frame["client_msg_id"]
	s.messages = append(s.messages, message)
	send(conn, lock, "ack", object{"client_msg_id": frame["client_msg_id"], "session_id": talkID, "seq": message["seq"], "timestamp": message["timestamp"]})

	for other, otherLock := range s.sockets {
		if other != conn {
			send(other, otherLock, "new_message", message)
		}
	}
}

// cut breaks all chat connections off.
func (s *school) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()

	for conn := range s.sockets {
		_ = conn.Close()
	}
}
