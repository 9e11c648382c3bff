package report

import (
	"fmt"
	"io"
	"math"
	"strings"

	"epochtime/harness/compare"
	"epochtime/harness/explain"
	"epochtime/harness/record"
)

// builds writes what two builds of TensorFlow differ by, where a record has two: the
// verdicts, then which lines of the bill moved.
func builds(w io.Writer, rec *record.Record, threshold float64, width int) {
	o := compare.Options{Threshold: threshold}
	c, err := compare.Builds(rec, o)
	if err != nil { // it explains one build
		return
	}
	fmt.Fprintln(w)
	Comparison(w, c, o, width)
	for _, b := range rec.Bills {
		if b.Side == "B" {
			fmt.Fprintln(w, Wrap("", Moved(b), width))
		}
	}
}

// Moved says in a sentence which lines of a bill became longer or shorter than in side A.
func Moved(b record.Bill) string {
	if len(b.Moved) == 0 {
		return ""
	}
	var out []string
	for _, of := range []struct {
		word  string
		lines []record.Line
	}{{"longer", explain.Longer(b)}, {"shorter", explain.Shorter(b)}} {
		for _, line := range of.lines {
			out = append(out, fmt.Sprintf("%s %s for %s (%s of side A's epoch)", Seconds(math.Abs(line.Seconds.Median)), of.word, movedPart(line.Part), percent(math.Abs(line.Share))))
		}
	}
	if len(out) == 0 {
		return fmt.Sprintf("In the bill of %s, no line moved by more than the launches differ.", b.Graph)
	}
	return fmt.Sprintf("In the bill of %s, side B takes %s.", b.Graph, strings.Join(out, "; "))
}

// movedPart is a line of a bill that moved, in words.
func movedPart(p record.Part) string {
	if p == record.PartUnexplained {
		return "what no line explains"
	}
	return PartName(p)
}
