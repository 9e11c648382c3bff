package dataset

import (
	"fmt"
	"slices"
	"strings"

	"epochtime/harness/graph"
)

// field is what a file holds under one name.
type field struct {
	name   string
	text   bool // certainly strings
	list   bool // several values an example, or none
	whole  bool // certainly whole numbers
	single bool // numbers of single precision
}

// labelNames are the names that a target's column goes by.
var labelNames = []string{"y", "label", "labels", "target", "targets", "class"}

// match finds the fields that feed each tensor: those that are named, and where
// names do not match, those that leave no doubt.
func match(q Request, fields []field) ([]*wanted, error) {
	m := &matching{q: q, fields: fields, taken: make(map[string]bool)}
	for _, t := range q.Tensors {
		w := &wanted{tensor: t, held: holds(t)}
		m.all = append(m.all, w)
		if err := m.named(w); err != nil {
			return nil, err
		}
	}
	m.labelled()
	m.texts()
	m.rest()
	for _, w := range m.all {
		if len(w.fields) == 0 {
			return nil, m.missing(w)
		}
	}
	return m.all, nil
}

type matching struct {
	q      Request
	fields []field
	taken  map[string]bool
	all    []*wanted
}

func (m *matching) has(name string) bool {
	return slices.ContainsFunc(m.fields, func(f field) bool { return f.name == name })
}

func (m *matching) take(w *wanted, fields ...field) {
	for _, f := range fields {
		w.fields = append(w.fields, f.name)
		m.taken[f.name] = true
	}
}

// named takes the columns that the request or the tensor's name says.
func (m *matching) named(w *wanted) error {
	name, given := m.q.Columns[w.tensor.Name]
	if !given {
		name = w.tensor.Name
	}
	if m.has(name) {
		m.take(w, field{name: name})
		return nil
	}
	if name == w.tensor.Name { // the default: nobody may have asked for it
		return nil
	}
	names := strings.Split(name, ",")
	for _, n := range names {
		if !m.has(n) {
			return m.unknown(n)
		}
		m.take(w, field{name: n})
	}
	if w.tensor.Shape != nil && len(names) != w.size() {
		return fmt.Errorf("%w: %s takes %d columns, %d are named for it", ErrUnfit, w.tensor.Name, w.size(), len(names))
	}
	return nil
}

// open lists the tensors that have no column yet.
func (m *matching) open() []*wanted {
	return slices.DeleteFunc(slices.Clone(m.all), func(w *wanted) bool { return len(w.fields) > 0 })
}

// free lists the fields that feed nothing yet.
func (m *matching) free() []field {
	return slices.DeleteFunc(slices.Clone(m.fields), func(f field) bool { return m.taken[f.name] })
}

// labelled gives a target, which comes last, the one column with a label's name.
func (m *matching) labelled() {
	open := m.open()
	if len(m.all) != 2 || len(open) == 0 || open[len(open)-1] != m.all[1] || m.all[1].size() != 1 {
		return
	}
	found := slices.DeleteFunc(m.free(), func(f field) bool { return !slices.Contains(labelNames, strings.ToLower(f.name)) })
	if len(found) == 1 {
		m.take(m.all[1], found[0])
	}
}

// texts gives the one tensor of strings the one column of text.
func (m *matching) texts() {
	takes := slices.DeleteFunc(m.open(), func(w *wanted) bool { return w.tensor.DType != graph.String })
	found := slices.DeleteFunc(m.free(), func(f field) bool { return !f.text })
	if len(takes) == 1 && len(found) == 1 && takes[0].size() == 1 {
		m.take(takes[0], found[0])
	}
}

// rest gives one last tensor all columns that are left, if it takes so many.
func (m *matching) rest() {
	open, left := m.open(), m.free()
	if len(open) != 1 || len(left) == 0 {
		return
	}
	scalars := !slices.ContainsFunc(left, func(f field) bool { return f.list || f.text && open[0].tensor.DType != graph.String })
	if len(left) == 1 && left[0].list || scalars && len(left) == open[0].size() {
		m.take(open[0], left...)
	}
}

func (m *matching) names() string {
	const most = 12
	var names []string
	for _, f := range m.fields {
		names = append(names, f.name)
	}
	if len(names) > most {
		return fmt.Sprintf("%s, … %s (%d columns)", strings.Join(names[:most-2], ", "), names[len(names)-1], len(names))
	}
	return strings.Join(names, ", ")
}

func (m *matching) unknown(name string) error {
	return fmt.Errorf("%w: %s has no column %q; it holds %s", ErrUnfit, strings.Join(m.q.Sources, ", "), name, m.names())
}

// missing says that a tensor has no column, and how to name one.
func (m *matching) missing(w *wanted) error {
	example := w.tensor.Name + "=COLUMN"
	if w.size() > 1 {
		example = fmt.Sprintf("%s=COLUMN,COLUMN,… (%d of them, or one that holds lists)", w.tensor.Name, w.size())
	}
	return fmt.Errorf("%w: %s has no column for %s; it holds %s: say --input %s",
		ErrUnfit, strings.Join(m.q.Sources, ", "), w.tensor.Name, m.names(), example)
}
