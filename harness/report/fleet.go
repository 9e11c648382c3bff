package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"epochtime/harness/record"
	"epochtime/internal/sentence"
)

// mostNamed is how many machines a sentence names.
const mostNamed = 5

// fleet writes what is worth knowing of the machines of a fleet below their table: where
// what differs may not be the machine.
func fleet(w io.Writer, rec *record.Record, width int) {
	if rec.Plan.Kind != record.KindFleet {
		return
	}
	machines := map[string][]string{}
	var versions []string
	for _, r := range rec.Runs {
		for _, l := range r.Launches {
			if l.Status == record.OK && l.TensorFlow != "" {
				versions = sentence.Add(versions, l.TensorFlow)
				machines[l.TensorFlow] = sentence.Add(machines[l.TensorFlow], r.On)
			}
		}
	}
	if len(versions) < 2 {
		return
	}
	slices.Sort(versions)
	var each []string
	for _, v := range versions {
		each = append(each, v+" on "+few(machines[v]))
	}
	fmt.Fprintf(w, "%s\n", Wrap("warning: ", "TensorFlow differs: "+strings.Join(each, "; ")+". What differs may not be the machine.", width))
}

// few names machines, and counts the rest.
func few(names []string) string {
	if len(names) > mostNamed {
		names = append(slices.Clone(names[:mostNamed-1]), fmt.Sprintf("%d more", len(names)-mostNamed+1))
	}
	return sentence.List(names)
}
