package setting

import "fmt"

// Error says what is wrong with a setting. A program adds how the setting is
// called there, as a flag or a key.
type Error struct {
	Setting string   // its name
	Typed   string   // an unknown name that was given; else empty
	Known   []string // names that could have been meant
	Err     error
}

// Error names the setting and what is wrong with it.
func (e *Error) Error() string { return e.Setting + ": " + e.Err.Error() }

// Unwrap returns what is wrong, without the setting's name.
func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an Error about the setting of a name.
func Errorf(name, format string, args ...any) error {
	return &Error{Setting: name, Err: fmt.Errorf(format, args...)}
}

// Unknown returns an Error about a name that was given for a setting, where there
// are only the known ones.
func Unknown(name, typed string, known []string, what string) error {
	return &Error{Setting: name, Typed: typed, Known: known, Err: fmt.Errorf("%s: %s", typed, what)}
}
