package store

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/operator/internal/schedule"
)

// wantedSlot is a slot that a Schedule asks for, with the id that it has, and the uid
// that the id was made from.
type wantedSlot struct {
	schedule.Slot

	identity string
}

// resolve gives the slots that a Schedule asks for the ids that they have. A slot keeps
// the id that an earlier Schedule of the same name gave it: when a cluster is built
// anew, and the same files are applied to it, uids are new, and ids must not be.
func resolve(rows []slotRow, want Schedule) []wantedSlot {
	byID := make(map[uuid.UUID]*slotRow, len(rows))
	heldAt := map[time.Time]*slotRow{}

	identities := []string{want.UID}
	for i := range rows {
		row := &rows[i]

		byID[row.ID] = row
		if row.held() {
			heldAt[row.Start.UTC()] = row
		}

		if !slices.Contains(identities, row.Identity) {
			identities = append(identities, row.Identity)
		}
	}

	preferred := preferredIdentity(want, identities, byID)

	slots := make([]wantedSlot, len(want.Slots))
	for i, slot := range want.Slots {
		slots[i] = resolveOne(slot, preferred, identities, byID)
		if held := heldAt[slot.Start.UTC()]; held != nil && byID[slots[i].ID] == nil {
			slots[i].ID, slots[i].identity = held.ID, held.Identity // never two lessons at one time
		}
	}

	return slots
}

// missingIDs returns the ids of slots that no row has and that come from an earlier
// Schedule of the name.
func missingIDs(rows []slotRow, want Schedule) []uuid.UUID {
	found := make(map[uuid.UUID]struct{}, len(rows))
	for i := range rows {
		found[rows[i].ID] = struct{}{}
	}

	var missing []uuid.UUID
	for _, slot := range resolve(rows, want) {
		if _, ok := found[slot.ID]; !ok && slot.identity != want.UID {
			missing = append(missing, slot.ID)
		}
	}

	return missing
}

// preferredIdentity is the uid that the ids of new slots are made from: that of an
// earlier Schedule whose slots are still asked for, or else the Schedule's own.
func preferredIdentity(want Schedule, identities []string, byID map[uuid.UUID]*slotRow) string {
	for _, identity := range identities[1:] {
		for _, slot := range want.Slots {
			if byID[schedule.SlotID(identity, slot.Start)] != nil {
				return identity
			}
		}
	}

	return want.UID
}

// resolveOne returns the slot with the first of its ids that a row has; one that a
// booking holds comes first. Without a row it is the id of the preferred identity.
func resolveOne(slot schedule.Slot, preferred string, identities []string, byID map[uuid.UUID]*slotRow) wantedSlot {
	resolved := wantedSlot{Slot: slot, identity: preferred}
	resolved.ID = schedule.SlotID(preferred, slot.Start)

	for _, identity := range identities {
		id := schedule.SlotID(identity, slot.Start)

		row, best := byID[id], byID[resolved.ID]
		if row != nil && (best == nil || row.held() && !best.held()) {
			resolved.ID, resolved.identity = id, identity
		}
	}

	return resolved
}
