package setting

import "fmt"

// Error is a wrong value of a setting. It names the setting but no flag: a program
// adds that.
type Error struct {
	Setting string   // its name
	Typed   string   // unknown name that was given; empty: none
	Known   []string // names to choose from in place of Typed
	Err     error    // what is wrong
}

// Error returns the setting's name and what is wrong.
func (e *Error) Error() string {
	if e == nil || e.Err == nil {
		return "a setting is wrong"
	}
	return e.Setting + ": " + e.Err.Error()
}

// Unwrap returns Err.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Err
}

// Errorf returns an Error about the setting with a name.
func Errorf(name, format string, args ...any) error {
	return &Error{Setting: name, Err: fmt.Errorf(format, args...)}
}

// Unknown returns an Error about an unknown name, typed, that was given for a setting.
// what says what is wrong with it.
func Unknown(name, typed string, known []string, what string) error {
	return &Error{Setting: name, Typed: typed, Known: known, Err: fmt.Errorf("%s: %s", typed, what)}
}
