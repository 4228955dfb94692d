package v1alpha1

// Types of the conditions that both kinds carry.
const (
	// ConditionReady is True when the resource does its work: what it says is
	// in the catalogue, and nothing needs a person's attention.
	ConditionReady = "Ready"
	// ConditionSynced is True when the database shows exactly what the
	// resource says.
	ConditionSynced = "Synced"
)

// Reasons of the conditions. Each is explained, with what to do about it, in
// docs/resources.
const (
	// ReasonApplied: the catalogue shows the resource.
	ReasonApplied = "Applied"
	// ReasonCourseNotFound: the Course of a Schedule is absent, being deleted,
	// or not in the catalogue yet.
	ReasonCourseNotFound = "CourseNotFound"
	// ReasonDatabaseUnavailable: the database could not be reached or refused
	// to work; the operator tries again by itself.
	ReasonDatabaseUnavailable = "DatabaseUnavailable"
	// ReasonInvalidData: the database refuses a value of the spec, and will refuse
	// it again.
	ReasonInvalidData = "InvalidData"
	// ReasonNameConflict: another Course already has this name.
	ReasonNameConflict = "NameConflict"
	// ReasonSlotsInUse: future slots are reserved or booked, and therefore
	// stay, although the resource no longer asks for them.
	ReasonSlotsInUse = "SlotsInUse"
	// ReasonInvalidSchedule: the Schedule cannot be turned into slots.
	ReasonInvalidSchedule = "InvalidSchedule"
)

// Finalizer keeps a resource until the operator has withdrawn it from the
// catalogue.
const Finalizer = "catalog.shema.music/catalogue"

// Date is a calendar day without time and zone, for example 2027-01-04.
//
// +kubebuilder:validation:MaxLength=10
// +kubebuilder:validation:XValidation:rule="self.matches('^20[0-9]{2}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))$|^20([02468][048]|[13579][26])-02-29$')",message="must be a day of the calendar between 2000 and 2099, written YYYY-MM-DD, for example 2027-01-04"
type Date string

// TimeOfDay is a local time on the 24-hour clock, for example 16:00.
//
// +kubebuilder:validation:MaxLength=5
// +kubebuilder:validation:XValidation:rule="self.matches('^([01][0-9]|2[0-3]):[0-5][0-9]$')",message="must be a local time between 00:00 and 23:59, written HH:MM, for example 16:00"
type TimeOfDay string

// LocalTime is a day and a local time without zone, for example
// 2027-01-04T16:00. The zone is the one of the Schedule.
//
// +kubebuilder:validation:MaxLength=16
// +kubebuilder:validation:XValidation:rule="self.matches('^20[0-9]{2}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))T([01][0-9]|2[0-3]):[0-5][0-9]$|^20([02468][048]|[13579][26])-02-29T([01][0-9]|2[0-3]):[0-5][0-9]$')",message="must be a local time without zone, written YYYY-MM-DDTHH:MM, for example 2027-01-04T16:00; the zone comes from spec.timeZone"
type LocalTime string

// Duration is the length of a lesson in hours and minutes, from 15m to 8h, for
// example 45m, 1h or 1h30m.
//
// +kubebuilder:validation:MaxLength=6
// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,2}h([0-9]{1,2}m)?|[0-9]{1,3}m)$') && duration(self) >= duration('15m') && duration(self) <= duration('8h')",message="must be between 15m and 8h, written in hours and minutes, for example 45m, 1h or 1h30m"
type Duration string

// SlotCounts says how many future slots are free and how many are held.
type SlotCounts struct {
	// available is the number of future slots that a student can still book.
	// +kubebuilder:validation:Minimum=0
	Available int32 `json:"available"`
	// reserved is the number of future slots that a pending booking holds
	// until an administrator decides.
	// +kubebuilder:validation:Minimum=0
	Reserved int32 `json:"reserved"`
	// booked is the number of future slots with a confirmed booking.
	// +kubebuilder:validation:Minimum=0
	Booked int32 `json:"booked"`
}

// Held is the number of slots that a booking holds, reserved or booked.
func (c SlotCounts) Held() int32 { return c.Reserved + c.Booked }

// Total is the number of slots, free or held.
func (c SlotCounts) Total() int32 { return c.Available + c.Held() }
