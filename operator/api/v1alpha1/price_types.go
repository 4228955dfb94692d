package v1alpha1

// Price is an amount of money.
type Price struct {
	// amount is the price as a decimal number with at most two decimals and
	// no thousands separator. It is a string, so that no digit is lost; put it
	// in quotes.
	// Example: "350000".
	// +kubebuilder:validation:MaxLength=15
	// +kubebuilder:validation:XValidation:rule="self.matches('^(0|[1-9][0-9]{0,11})([.][0-9]{1,2})?$')",message="must be a decimal number in quotes without separators, at most 12 digits and two decimals, for example \"350000\" or \"49.50\""
	// +required
	Amount string `json:"amount"`

	// currency is the ISO 4217 code of the currency.
	// Example: IDR.
	// +kubebuilder:validation:MaxLength=3
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Z]{3}$')",message="must be an ISO 4217 code of three capital letters, for example IDR"
	// +required
	Currency string `json:"currency"`
}

// Package is several lessons that are sold together.
type Package struct {
	// name identifies the package within the course, as one lower-case word of 1
	// to 63 characters. Bookings keep it, so don't give it to another package
	// later.
	// Example: bulanan.
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([a-z0-9-]*[a-z0-9])?$')",message="must be one lower-case word of letters, digits and hyphens, for example bulanan"
	// +required
	Name string `json:"name"`

	// title is what students read, 1 to 120 characters.
	// Example: Four lessons a month.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=120
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'[\p{Cc}\x{061c}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{2028}\x{2029}]')`,message="must not contain control characters, line breaks or characters that turn the direction of writing; remove them"
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'[^\p{C}\p{Z}\p{M}\x{034f}\x{115f}\x{1160}\x{2800}\x{3164}\x{ffa0}]')`,message="must contain something that can be seen, not only spaces and invisible characters"
	// +required
	Title string `json:"title"`

	// lessons is how many lessons the package has, 1 to 1000.
	// Example: 4.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	// +required
	Lessons int32 `json:"lessons"`

	// price is what the whole package costs. Leave it out when the price depends
	// on the arrangement.
	// +optional
	Price *Price `json:"price,omitempty"`
}
