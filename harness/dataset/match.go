package dataset

import (
	"fmt"
	"slices"
	"strings"

	"epochtime/harness/graph"
)

// Field is what a file holds under one name.
type Field struct {
	Name       string
	DType      graph.DType // which holds all of its values; "" where the file does not say: numbers or text
	Categories int64       // as graph.Tensor.Categories; 0: any
	Shape      []*int64    // as graph.Tensor.Shape; nil: any
	List       bool        // several values in an example, or none
	Unusable   string      // why nothing can be fed from it, to follow "column x"; or empty
	RowNumbers bool        // it numbers the rows, and feeds only what names it
}

// labelNames are the names that a target's column goes by.
var labelNames = []string{"y", "label", "labels", "target", "targets", "class"}

// LabelName reports whether a target's column goes by that name, in any case.
func LabelName(name string) bool { return slices.Contains(labelNames, strings.ToLower(name)) }

// match finds the fields that feed each tensor: those that are named and, where
// names do not match, those that leave no doubt.
func match(q Request, fields []Field) ([]*Sink, error) {
	if len(fields) == 0 {
		return nil, NoColumns(q)
	}
	m := &matching{q: q, fields: fields, places: make(map[string]int, len(fields)), taken: make(map[string]bool)}
	for i, f := range fields {
		m.places[f.Name] = i
	}
	for _, t := range q.Tensors {
		s := NewSink(t)
		s.fields = nil
		m.all = append(m.all, s)
		if err := m.named(s); err != nil {
			return nil, err
		}
	}
	for _, guess := range []func() error{m.labelled, m.texts, m.rest} {
		if err := guess(); err != nil {
			return nil, err
		}
	}
	for _, s := range m.all {
		if len(s.fields) == 0 {
			return nil, m.missing(s)
		}
	}
	return m.all, nil
}

type matching struct {
	q      Request
	fields []Field
	places map[string]int // of the fields
	taken  map[string]bool
	all    []*Sink
}

// NoColumns is the error of files that hold nothing.
func NoColumns(q Request) error {
	return Errorf(ErrUnfit, nil, "%s holds no columns: give one that has some", strings.Join(q.Sources, ", "))
}

func (m *matching) has(name string) bool {
	_, there := m.places[name]
	return there
}

func (m *matching) take(s *Sink, names ...string) error {
	for _, name := range names {
		s.fields = append(s.fields, name)
		m.taken[name] = true
		if why := m.fields[m.places[name]].Unusable; why != "" {
			return Errorf(ErrUnfit, []error{ErrColumn}, "%s: column %s %s", strings.Join(m.q.Sources, ", "), name, why)
		}
	}
	return nil
}

// named takes the columns that the request or the tensor's name says.
func (m *matching) named(s *Sink) error {
	name, given := m.q.Columns[s.tensor.Name]
	if !given {
		name = s.tensor.Name
	}
	if m.has(name) {
		return m.take(s, name)
	}
	if !given {
		return nil
	}
	names := strings.Split(name, ",")
	for _, n := range names {
		if !m.has(n) {
			return m.unknown(n)
		}
		if err := m.take(s, n); err != nil {
			return err
		}
	}
	if s.tensor.Shape != nil && len(names) != s.size() {
		return fmt.Errorf("%w: %s takes %d columns, %d are named for it", ErrUnfit, s.tensor.Name, s.size(), len(names))
	}
	return nil
}

// open lists the tensors that have no column yet.
func (m *matching) open() []*Sink {
	return slices.DeleteFunc(slices.Clone(m.all), func(s *Sink) bool { return len(s.fields) > 0 })
}

// free lists the fields that feed nothing yet, without numbers of rows.
func (m *matching) free() []Field {
	return slices.DeleteFunc(slices.Clone(m.fields), func(f Field) bool { return m.taken[f.Name] || f.RowNumbers })
}

// labelled gives a target, which comes last, the only column with a label's name.
func (m *matching) labelled() error {
	open := m.open()
	if len(m.all) != 2 || len(open) == 0 || open[len(open)-1] != m.all[1] || m.all[1].size() != 1 {
		return nil
	}
	found := slices.DeleteFunc(m.free(), func(f Field) bool { return !LabelName(f.Name) })
	if len(found) == 1 {
		return m.take(m.all[1], found[0].Name)
	}
	return nil
}

// texts gives the only tensor of strings the only column of text.
func (m *matching) texts() error {
	takes := slices.DeleteFunc(m.open(), func(s *Sink) bool { return s.tensor.DType != graph.String })
	found := slices.DeleteFunc(m.free(), func(f Field) bool { return f.DType != graph.String })
	if len(takes) == 1 && len(found) == 1 && takes[0].size() == 1 {
		return m.take(takes[0], found[0].Name)
	}
	return nil
}

// rest gives the last tensor all remaining columns, if it takes that many.
func (m *matching) rest() error {
	open, left := m.open(), m.free()
	if len(open) != 1 || len(left) == 0 {
		return nil
	}
	scalars := !slices.ContainsFunc(left, func(f Field) bool { return f.List || f.DType == graph.String && open[0].tensor.DType != graph.String })
	if len(left) == 1 && left[0].List || scalars && len(left) == open[0].size() {
		for _, f := range left {
			if err := m.take(open[0], f.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *matching) names() string {
	const most = 12
	var names []string
	for _, f := range m.fields {
		name := f.Name
		if name == "" {
			name = `""`
		}
		names = append(names, name)
	}
	if len(names) > most {
		return fmt.Sprintf("%s, … %s (%d columns)", strings.Join(names[:most-2], ", "), names[len(names)-1], len(names))
	}
	return strings.Join(names, ", ")
}

func (m *matching) unknown(name string) error {
	return Errorf(ErrUnfit, []error{ErrColumn}, "%s has no column %q; it holds %s", strings.Join(m.q.Sources, ", "), name, m.names())
}

// missing is the error of a tensor that has no column.
func (m *matching) missing(s *Sink) error {
	takes := ""
	if n := s.size(); n > 1 {
		takes = fmt.Sprintf(", which takes %d columns or one of lists", n)
	}
	return Errorf(ErrUnfit, []error{ErrColumn}, "%s has no column for %s%s; it holds %s: name what feeds it",
		strings.Join(m.q.Sources, ", "), s.tensor.Name, takes, m.names())
}

// Roles says which of a source's columns each tensor of a request is fed: the one
// that is named for it, otherwise what guess returns, "" if it does not know.
// Errors are ErrColumn.
func Roles(q Request, columns []string, guess func(graph.Tensor) string) (map[string]string, error) {
	out := make(map[string]string)
	used := make(map[string]string)
	for _, t := range q.Tensors {
		role := q.Columns[t.Name]
		if !slices.Contains(columns, role) {
			if role != "" {
				return nil, Errorf(ErrUnfit, []error{ErrColumn}, "%s holds no column %q for %s: it gives %s",
					strings.Join(q.Sources, ", "), role, t.Name, strings.Join(columns, " and "))
			}
			role = ""
			if guess != nil {
				role = guess(t)
			}
			if other := used[role]; other != "" && role != "" {
				return nil, Unclear(q, columns, fmt.Sprintf("%s and %s of the graph could both be the %s", other, t.Name, role))
			}
		}
		if role == "" {
			return nil, Unclear(q, columns, fmt.Sprintf("nothing in it feeds %s of the graph (%s %s)", t.Name, formatFree(t.Shape), t.DType))
		}
		out[t.Name] = role
		used[role] = t.Name
	}
	return out, nil
}

// Unclear is the error of columns that nobody has assigned to a tensor.
func Unclear(q Request, columns []string, what string) error {
	return Errorf(ErrUnfit, []error{ErrColumn}, "%s gives %s, and %s: name what feeds each input and target",
		strings.Join(q.Sources, ", "), strings.Join(columns, " and "), what)
}
