package page

import (
	"html/template"
	"strconv"

	"epochtime/harness/fleet"
	"epochtime/harness/record"
)

// view is what the templates show.
type view struct {
	Title    string
	Policy   string
	Style    template.CSS
	Headline string
	Lead     []string
	Overall  *table
	Matrix   *table
	Bests    *table
	Alone    *table   // models of the only machine
	Parts    []*table // their sessions
	Models   []model
	Many     bool // so that what is not seen is not laid out at once
	Groups   []group

	Experiments []experiment
	Estimates   []*table

	Prints   *table // fingerprints
	Spread   *table
	Notes    []string
	Remarks  []remarks
	Commands []command
	Sources  *table
	Contents []link
}

// link is an entry of the contents.
type link struct{ ID, Text string }

// table is a table with a header for each row.
type table struct {
	Caption string
	Names   bool // its head has names, which may be long
	Head    []string
	Rows    []row
}

type row struct {
	Head, Sub string // the row's header, and a line below it
	Mark      bool   // the row stands out
	Cells     []cell
}

// cell is a value as text. One that is a number has it in full too, and what it is of.
type cell struct {
	Text   string
	Sub    string // a line below it
	Figure string
	Value  string // in full; of an interval both ends
	Mark   bool   // it stands out
	Words  bool   // it is a text, not a number
	Long   bool   // and of several words
}

// model is a model with the table of its machines.
type model struct {
	Name  string
	About string
	Table *table
	Parts *table // of what the machines' figures are medians
}

// remarks are texts of one kind.
type remarks struct {
	ID, Title, None string
	Lines           []string
}

// command is a command line, and what it measured.
type command struct{ About, Line string }

// number returns a cell of a number.
func number(figure, text string, v float64) cell {
	return cell{Text: text, Figure: figure, Value: full(v)}
}

// ends returns a cell of an interval.
func ends(figure, text string, i record.Interval) cell {
	if !i.Known() {
		return cell{Text: text}
	}
	return cell{Text: text, Figure: figure, Value: full(float64(i.Low)) + " " + full(float64(i.High))}
}

func full(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func words(text string) cell { return cell{Text: text, Words: true} }

// dash stands where there is no value.
const dash = "–"

// many is how many models a browser lays out before the page is shown.
const many = 8

// newView returns the view of a fleet.
func newView(f *fleet.Fleet) (*view, error) {
	v := &view{Policy: policy(), Style: template.CSS(style), Notes: f.Notes} //nolint:gosec // it is a file of this package
	v.Headline, v.Lead = headline(f)
	v.Title = v.Headline
	v.Overall = overall(f)
	v.Matrix = matrix(f)
	v.Bests = bests(f)
	v.Alone = alone(f)
	if v.Alone == nil {
		v.Models = models(f)
	} else {
		v.Parts = allParts(f)
	}
	v.Many = len(v.Models) > many
	v.Prints = fingerprints(f)
	v.Spread = spreads(f)
	v.Estimates = estimates(f)
	v.Remarks = allRemarks(f)
	v.Commands = commands(f)
	v.Sources = sources(f)
	var err error
	if v.Groups, err = figures(f); err != nil {
		return nil, err
	}
	if v.Experiments, err = experiments(f); err != nil {
		return nil, err
	}
	v.contents()
	return v, nil
}

// contents lists the sections that there are.
func (v *view) contents() {
	add := func(there bool, id, text string) {
		if there {
			v.Contents = append(v.Contents, link{id, text})
		}
	}
	add(true, "answer", "Answer")
	add(len(v.Models) > 0, "models", "Models")
	add(len(v.Experiments) > 0, "effects", "What each change does")
	add(len(v.Estimates) > 0, "estimates", "Estimates")
	add(len(v.Groups) > 0, "figures", "Figures")
	add(v.Prints != nil, "machines", "Machines")
	add(true, "remarks", "Warnings and notices")
	add(len(v.Commands) > 0, "commands", "Commands")
	add(true, "reading", "How to read this")
}
