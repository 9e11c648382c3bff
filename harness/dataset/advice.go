package dataset

import "fmt"

// FillIn is what to do about values that some examples lack; of is what they are called
// in the file, as in "rows".
func FillIn(of string) string { return "fill it in, or leave such " + of + " out" }

// NotNumbers is the error of a field of text, to follow its name, for a column of
// numbers. holds is what is in it, as in "strings".
func (s *Sink) NotNumbers(holds string) error {
	return fmt.Errorf("holds %s, the graph takes %s: make it numbers, or export the graph with a StringLookup in preprocess()", holds, s.Wants())
}

// OneValue is the error of one of several fields, to follow its name, that holds more
// than a value in an example; called is what fields are called in the file, as in
// "columns".
func (s *Sink) OneValue(holds, called string) error {
	return fmt.Errorf("holds %s: of several %s that feed %s each holds one value", holds, called, s.Name())
}

// OneField is the error of one of several fields, to follow its name, that has to be the
// only one; called is what a field is called in the file, as in "column".
func (s *Sink) OneField(holds, called string) error {
	return fmt.Errorf("holds %s: %s takes them from one %s only", holds, s.Name(), called)
}
