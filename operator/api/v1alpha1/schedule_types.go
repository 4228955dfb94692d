package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// CourseReference names the Course whose slots a Schedule makes.
type CourseReference struct {
	// name is the metadata.name of a Course in the same namespace. The Course
	// may be applied later; the Schedule waits for it.
	// Example: piano-beginner.
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",message="must be the metadata.name of a Course in this namespace, for example piano-beginner"
	// +required
	Name string `json:"name"`
}

// Slot is one lesson on one day.
type Slot struct {
	// start is the local time at which the lesson begins, in spec.timeZone and
	// written without zone. A time that a clock change skips moves forward by
	// the gap; one that occurs twice means the first. A start in the past
	// makes no slot.
	// Example: "2027-01-04T16:00".
	// +required
	Start LocalTime `json:"start"`

	// duration is how long the lesson takes, from 15m to 8h.
	// Example: 1h.
	// +required
	Duration Duration `json:"duration"`
}

// Recurrence makes slots by a rule, for as far ahead as horizonWeeks says.
//
// +kubebuilder:validation:XValidation:rule="!has(self.until) || self.until >= self.startDate",fieldPath=".until",message="must not be before spec.recurrence.startDate; choose a later day or leave it out"
type Recurrence struct {
	// rrule says on which days lessons take place, as an RFC 5545 rule with
	// the frequency DAILY, WEEKLY or MONTHLY. Besides FREQ it may contain
	// INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS and WKST,
	// each once, in combinations that RFC 5545 allows. The time of day comes
	// from startTime. UNTIL is a day such as 20270630, inclusive and in
	// spec.timeZone, or a moment such as 20270630T090000Z; the field until does
	// the same. The startDate itself makes a slot only if the rule includes it.
	// Examples: FREQ=WEEKLY;BYDAY=MO,WE or FREQ=MONTHLY;BYDAY=1SA.
	// +kubebuilder:validation:MaxLength=250
	// +kubebuilder:validation:XValidation:rule="self.matches('(^|;)FREQ=(DAILY|WEEKLY|MONTHLY)(;|$)')",message="must contain FREQ=DAILY, FREQ=WEEKLY or FREQ=MONTHLY, for example FREQ=WEEKLY;BYDAY=MO,WE"
	// +kubebuilder:validation:XValidation:rule="!self.matches('(^|;)(BYHOUR|BYMINUTE|BYSECOND|DTSTART)=')",message="must not contain BYHOUR, BYMINUTE, BYSECOND or DTSTART; use startTime, startDate and until of spec.recurrence instead"
	// +kubebuilder:validation:XValidation:rule="!self.matches('(^|;)(BYYEARDAY|BYWEEKNO)=')",message="must not contain BYYEARDAY or BYWEEKNO, which RFC 5545 allows in yearly rules only; use BYMONTH with BYMONTHDAY or BYDAY instead"
	// +kubebuilder:validation:XValidation:rule="(self + ';').matches('^((FREQ=[A-Z]*|INTERVAL=[1-9][0-9]{0,3}|COUNT=[1-9][0-9]{0,3}|UNTIL=20[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])(T([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]Z)?|BYDAY=([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)(,([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU))*|BYMONTHDAY=[+-]?(0?[1-9]|[12][0-9]|3[01])(,[+-]?(0?[1-9]|[12][0-9]|3[01]))*|BYMONTH=(0?[1-9]|1[0-2])(,(0?[1-9]|1[0-2]))*|BYSETPOS=[+-]?([1-9]|[1-9][0-9]|[12][0-9]{2}|3[0-5][0-9]|36[0-6])(,[+-]?([1-9]|[1-9][0-9]|[12][0-9]{2}|3[0-5][0-9]|36[0-6]))*|WKST=(MO|TU|WE|TH|FR|SA|SU)|(BYHOUR|BYMINUTE|BYSECOND|DTSTART|BYYEARDAY|BYWEEKNO)=[^;]*);)+$')",message="must be parts NAME=VALUE of RFC 5545 in capitals, separated by semicolons, from FREQ, INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS and WKST, for example FREQ=WEEKLY;BYDAY=MO,WE; UNTIL is a day such as 20270630 or a time in UTC such as 20270630T090000Z"
	// +kubebuilder:validation:XValidation:rule="!self.matches('(^|;)(FREQ=.*;FREQ=|INTERVAL=.*;INTERVAL=|COUNT=.*;COUNT=|UNTIL=.*;UNTIL=|BYDAY=.*;BYDAY=|BYMONTHDAY=.*;BYMONTHDAY=|BYMONTH=.*;BYMONTH=|BYSETPOS=.*;BYSETPOS=|WKST=.*;WKST=)')",message="must contain each part once; join repeated parts, for example BYDAY=MO,WE"
	// +kubebuilder:validation:XValidation:rule="!self.matches('[0-9](MO|TU|WE|TH|FR|SA|SU)') || self.contains('FREQ=MONTHLY')",message="numbered days such as 1SA or -1FR need FREQ=MONTHLY; remove the number or change the frequency"
	// +kubebuilder:validation:XValidation:rule="!self.contains('BYMONTHDAY=') || !self.contains('FREQ=WEEKLY')",message="BYMONTHDAY must not be used with FREQ=WEEKLY; use FREQ=MONTHLY or BYDAY"
	// +kubebuilder:validation:XValidation:rule="!self.contains('BYSETPOS=') || self.matches('(^|;)(BYDAY|BYMONTHDAY|BYMONTH)=')",message="BYSETPOS needs BYDAY, BYMONTHDAY or BYMONTH besides, of whose days it chooses; add one or remove BYSETPOS"
	// +kubebuilder:validation:XValidation:rule="!self.contains('COUNT=') || !self.contains('UNTIL=')",message="COUNT and UNTIL must not be used together; remove one of them"
	// +required
	RRule string `json:"rrule"`

	// startDate is the first day on which the rule counts.
	// Example: "2027-01-04".
	// +required
	StartDate Date `json:"startDate"`

	// startTime is the local time at which each lesson begins, in
	// spec.timeZone. It stays the same over clock changes. A time that a clock
	// change skips moves forward by the gap; one that occurs twice means the
	// first.
	// Example: "16:00".
	// +required
	StartTime TimeOfDay `json:"startTime"`

	// duration is how long each lesson takes, from 15m to 8h.
	// Example: 45m.
	// +required
	Duration Duration `json:"duration"`

	// until is the last day on which a lesson may take place, inclusive. Leave
	// it out for a rule without end.
	// Example: "2027-06-30".
	// +optional
	Until Date `json:"until,omitempty"`

	// horizonWeeks is how many weeks ahead, counted from today, slots exist.
	// The window moves on by itself every day.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=26
	// +kubebuilder:default=8
	// +optional
	HorizonWeeks int32 `json:"horizonWeeks,omitempty"`

	// exceptDates are days without a lesson although the rule includes them,
	// such as holidays. One-off slots are not affected.
	// Example: ["2027-03-22"].
	// +kubebuilder:validation:MaxItems=200
	// +listType=set
	// +optional
	ExceptDates []Date `json:"exceptDates,omitempty"`
}

// ScheduleSpec says when a course can be booked.
//
// +kubebuilder:validation:XValidation:rule="(has(self.slots) && size(self.slots) > 0) || has(self.recurrence)",message="spec.slots or spec.recurrence must be given; list one-off lessons under spec.slots, or describe a rule under spec.recurrence, or both"
type ScheduleSpec struct {
	// courseRef names the Course that is taught. It cannot be changed: slots
	// may already be booked for that course.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="cannot be changed; delete this Schedule and create another one for the other course"
	// +required
	CourseRef CourseReference `json:"courseRef"`

	// timeZone is the IANA name of the zone in which all times of this
	// Schedule are meant.
	// Example: Asia/Jakarta.
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$') && self != 'Local' && timestamp('2027-01-01T00:00:00Z').getFullYear(self) > 0",message="must be the IANA name of a time zone, for example Asia/Jakarta, Asia/Makassar or Europe/Berlin"
	// +kubebuilder:default="Asia/Jakarta"
	// +optional
	TimeZone string `json:"timeZone,omitempty"`

	// slots are one-off lessons at local times. They exist from now on
	// whatever the horizon is. No two may have the same start.
	// +kubebuilder:validation:MaxItems=200
	// +listType=map
	// +listMapKey=start
	// +optional
	Slots []Slot `json:"slots,omitempty"`

	// recurrence makes slots by a rule, in place of or in addition to slots.
	// Where both give the same start, the one-off slot counts.
	// +optional
	Recurrence *Recurrence `json:"recurrence,omitempty"`

	// suspend withdraws the free slots while it is true. Slots that are
	// reserved or booked stay.
	// +kubebuilder:default=false
	// +optional
	Suspend bool `json:"suspend,omitempty"`
}

// ScheduleStatus is what the operator knows about the slots. It is written by
// the operator only.
type ScheduleStatus struct {
	// observedGeneration is the metadata.generation that this status speaks
	// about; -1 until the operator has seen the Schedule.
	// +kubebuilder:default=-1
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions say how the Schedule is doing. Ready is True when its slots
	// can be booked; Synced is True when the database shows exactly the slots
	// of this spec. Reasons: Applied, CourseNotFound, InvalidSchedule,
	// SlotsInUse, InvalidData, DatabaseUnavailable.
	// +kubebuilder:validation:MaxItems=8
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// slots counts the future slots of this Schedule.
	// +optional
	Slots *SlotCounts `json:"slots,omitempty"`

	// slotCount is the number of future slots, free or held.
	// +kubebuilder:validation:Minimum=0
	// +optional
	SlotCount *int32 `json:"slotCount,omitempty"`

	// nextSlot is the start of the next slot, free or held, in UTC.
	// +optional
	NextSlot *metav1.Time `json:"nextSlot,omitempty"`

	// slotsUntil is the last day, in spec.timeZone, up to which the rule has
	// been turned into slots. It moves on every day, and is absent without a
	// rule.
	// +kubebuilder:validation:MaxLength=10
	// +optional
	SlotsUntil string `json:"slotsUntil,omitempty"`

	// appliedGeneration is the metadata.generation that the slots come from;
	// absent while there are none.
	// +optional
	AppliedGeneration int64 `json:"appliedGeneration,omitempty"`
}

// Schedule says when a Course can be booked: single lessons, a rule such as
// "every Monday and Wednesday at four", or both. The operator turns it into
// slots, each with an id that never changes, and keeps slots of a rule ready
// for as many weeks ahead as spec.recurrence.horizonWeeks says.
//
// All times are local times of spec.timeZone; lessons stay at four o'clock when
// the clocks change.
//
// A slot that a student has reserved or booked is never deleted or moved.
// Changing the rule replaces free slots only; deleting the Schedule withdraws
// the free slots at once and then waits, with the reason SlotsInUse, until the
// bookings have ended or the slots have passed.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=schedules,singular=schedule,shortName=sched,categories=shema,scope=Namespaced
// +kubebuilder:printcolumn:name="Course",type=string,JSONPath=`.spec.courseRef.name`,description="The Course that is taught."
// +kubebuilder:printcolumn:name="Slots",type=integer,JSONPath=`.status.slotCount`,description="Future slots, free or held."
// +kubebuilder:printcolumn:name="Available",type=integer,JSONPath=`.status.slots.available`,description="Future slots that can be booked."
// +kubebuilder:printcolumn:name="Booked",type=integer,JSONPath=`.status.slots.booked`,description="Future slots with a confirmed booking."
// +kubebuilder:printcolumn:name="Next",type=string,JSONPath=`.status.nextSlot`,description="Start of the next slot, in UTC."
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`,description="Whether the slots can be booked."
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Schedule struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is when the course should be bookable.
	// +required
	Spec ScheduleSpec `json:"spec"`

	// status is which slots exist, as the operator last saw them.
	// +kubebuilder:default={"observedGeneration":-1}
	// +optional
	Status ScheduleStatus `json:"status,omitempty"`
}

// ScheduleList is a list of Schedules.
//
// +kubebuilder:object:root=true
type ScheduleList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []Schedule `json:"items"`
}
