package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// DeletionPolicy says what happens to the catalogue entry when its Course is
// deleted.
//
// +kubebuilder:validation:Enum=Retain;Delete
type DeletionPolicy string

// The deletion policies.
const (
	// DeletionPolicyRetain archives the entry.
	DeletionPolicyRetain DeletionPolicy = "Retain"
	// DeletionPolicyDelete removes the entry and its slots.
	DeletionPolicyDelete DeletionPolicy = "Delete"
)

// Weekday is a day of the week in lower case.
//
// +kubebuilder:validation:Enum=monday;tuesday;wednesday;thursday;friday;saturday;sunday
type Weekday string

// CourseSpec describes one course as students see it in the catalogue.
type CourseSpec struct {
	// title is the heading under which students find the course, 1 to 120
	// characters.
	// Example: Piano for beginners.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=120
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'[\p{Cc}\x{061c}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{2028}\x{2029}]')`,message="must not contain control characters, line breaks or characters that turn the direction of writing; remove them"
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'[^\p{C}\p{Z}\p{M}\x{034f}\x{115f}\x{1160}\x{2800}\x{3164}\x{ffa0}]')`,message="must contain something that can be seen, not only spaces and invisible characters"
	// +kubebuilder:validation:XValidation:rule="self.trim() == self",message="must not begin or end with spaces; remove them"
	// +required
	Title string `json:"title"`

	// description tells students what to expect, in at most 4000 characters.
	// +kubebuilder:validation:MaxLength=4000
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'[\x00-\x08\x0b-\x1f\x{7f}-\x{9f}\x{061c}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}]')`,message="must not contain control characters other than line breaks and tabs, or characters that turn the direction of writing; remove them"
	// +kubebuilder:validation:XValidation:rule=`self == '' || self.matches(r'[^\p{C}\p{Z}\p{M}\x{034f}\x{115f}\x{1160}\x{2800}\x{3164}\x{ffa0}]')`,message="must contain something that can be seen, not only spaces and invisible characters"
	// +optional
	Description string `json:"description,omitempty"`

	// instrument is what is taught, as one lower-case word of 1 to 40
	// characters. Students filter by it and recommendations match it against
	// their preferences, so use the same word in every course.
	// Example: piano.
	// +kubebuilder:validation:MaxLength=40
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z][a-z0-9-]*$')",message="must be one lower-case word of letters, digits and hyphens, for example piano or bass-guitar"
	// +required
	Instrument string `json:"instrument"`

	// level is the experience that the course expects: beginner, intermediate
	// or advanced.
	// +kubebuilder:validation:Enum=beginner;intermediate;advanced
	// +required
	Level string `json:"level"`

	// priceCategory places the course among the budgets that students choose
	// from: low, medium or high.
	// +kubebuilder:validation:Enum=low;medium;high
	// +required
	PriceCategory string `json:"priceCategory"`

	// price is what one lesson costs. Leave it out when the price depends on
	// the arrangement; students then see the price category alone.
	// +optional
	Price *Price `json:"price,omitempty"`

	// teacher is the name of the teacher as students see it.
	// Example: Ibu Sari.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=120
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'[\p{Cc}\x{061c}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{2028}\x{2029}]')`,message="must not contain control characters, line breaks or characters that turn the direction of writing; remove them"
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'[^\p{C}\p{Z}\p{M}\x{034f}\x{115f}\x{1160}\x{2800}\x{3164}\x{ffa0}]')`,message="must contain something that can be seen, not only spaces and invisible characters"
	// +optional
	Teacher string `json:"teacher,omitempty"`

	// teacherEmail is the e-mail address of the account, with the role teacher,
	// that gives the lessons of this course: it sees them and writes down who
	// attended. Students never see the address. Without it the lessons belong to
	// no account.
	// Example: sari@shema.music.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=254
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[^\s\p{C}"(),:;<>@\[\]\\]{1,64}@([\p{L}\p{N}]([\p{L}\p{N}\p{M}-]{0,61}[\p{L}\p{N}\p{M}])?[.])+[\p{L}\p{N}]([\p{L}\p{N}\p{M}-]{0,61}[\p{L}\p{N}\p{M}])?$')`,message="must be an e-mail address, for example sari@shema.music"
	// +optional
	TeacherEmail string `json:"teacherEmail,omitempty"`

	// imageURL is the address of a picture that the catalogue shows with the
	// course. It begins with https, so that browsers show it.
	// Example: https://shema.music/images/piano.jpg.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^https://[^\s\p{C}/?#@"<>\\^{|}]+([/?#][^\s\p{C}"<>\\^{|}]*)?$')`,message="must be an address that begins with https:// and has no spaces, for example https://shema.music/images/piano.jpg"
	// +optional
	ImageURL string `json:"imageURL,omitempty"`

	// packages are several lessons that are sold together, at most 10, each with a
	// name of its own. Students choose one when they book.
	// +kubebuilder:validation:MaxItems=10
	// +listType=map
	// +listMapKey=name
	// +optional
	Packages []Package `json:"packages,omitempty"`

	// availableDays are the days of the week on which the course is usually
	// taught, each at most once. They inform students and recommendations; the
	// bookable times come from Schedules.
	// Example: [monday, wednesday].
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=7
	// +kubebuilder:validation:XValidation:rule="self.all(d, self.exists_one(e, e == d))",message="must name each day once; remove the repeated day"
	// +listType=set
	// +required
	AvailableDays []Weekday `json:"availableDays"`

	// published shows the course to students. Set it to false to hide the
	// course and its slots; bookings that exist are kept and can still be
	// decided.
	// +kubebuilder:default=true
	// +optional
	Published *bool `json:"published,omitempty"`

	// deletionPolicy says what deleting this Course does to the catalogue
	// entry. Retain archives it: students no longer see it, bookings keep
	// their course, and a later Course of the same name takes the entry up
	// again with the same id. Delete removes the entry with all its slots,
	// also the past ones. Either way the deletion waits while a booking holds
	// a future slot.
	// +kubebuilder:default=Retain
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`
}

// CourseStatus is what the operator knows about the course. It is written by
// the operator only.
type CourseStatus struct {
	// observedGeneration is the metadata.generation that this status speaks
	// about; -1 until the operator has seen the Course.
	// +kubebuilder:default=-1
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions say how the Course is doing. Ready is True when the course is
	// in the catalogue; Synced is True when the database shows exactly this
	// spec. Reasons: Applied, NameConflict, SlotsInUse, InvalidData,
	// DatabaseUnavailable.
	// +kubebuilder:validation:MaxItems=8
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// courseID is the id of the course in the HTTP API. It stays the same as
	// long as the catalogue entry exists.
	// +kubebuilder:validation:MaxLength=36
	// +optional
	CourseID string `json:"courseID,omitempty"`

	// slots counts the future slots of all Schedules of this course.
	// +optional
	Slots *SlotCounts `json:"slots,omitempty"`
}

// Course is something that students can learn at the school: an instrument at
// a level, with a title, a price and a teacher. Applying a Course puts it into
// the catalogue within two seconds; Schedules then say when it can be booked.
//
// The name of a Course is unique over all namespaces, because students and the
// HTTP API use it. Of two Courses with one name the later one waits with the
// reason NameConflict until the first is gone.
//
// To take a course out of sight for a while set spec.published to false.
// Deleting the Course waits as long as bookings hold future slots of it, and
// then follows spec.deletionPolicy.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=courses,singular=course,shortName=crs,categories=shema,scope=Namespaced
// +kubebuilder:printcolumn:name="Title",type=string,JSONPath=`.spec.title`,description="The heading under which students find the course."
// +kubebuilder:printcolumn:name="Instrument",type=string,JSONPath=`.spec.instrument`,description="What is taught."
// +kubebuilder:printcolumn:name="Level",type=string,JSONPath=`.spec.level`,description="The experience that the course expects."
// +kubebuilder:printcolumn:name="Available",type=integer,JSONPath=`.status.slots.available`,description="Future slots that can be booked."
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`,description="Whether the course is in the catalogue."
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Course struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the course as it should stand in the catalogue.
	// +required
	Spec CourseSpec `json:"spec"`

	// status is how the course stands there, as the operator last saw it.
	// +kubebuilder:default={"observedGeneration":-1}
	// +optional
	Status CourseStatus `json:"status,omitempty"`
}

// IsPublished says whether students should see the course; absent means yes.
func (c *Course) IsPublished() bool {
	return c.Spec.Published == nil || *c.Spec.Published
}

// CourseList is a list of Courses.
//
// +kubebuilder:object:root=true
type CourseList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []Course `json:"items"`
}
