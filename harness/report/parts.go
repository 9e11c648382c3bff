package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"epochtime/harness/record"
	"epochtime/harness/stats"
	"epochtime/internal/sentence"
)

// longSession is how many seconds a session takes for a person to ask where they went.
const longSession = 30

// Spent returns a sentence about where the time of a record's session went, the largest
// part first; empty where the record does not tell, or the session was short.
func Spent(rec *record.Record) string {
	p, known := stats.PartsOf(rec)
	if !known || p.Wall < longSession {
		return ""
	}
	slices.SortStableFunc(p.List, func(a, b stats.Part) int { return cmp.Compare(b.Seconds, a.Seconds) })
	var words []string
	small := 0.0
	for _, part := range p.List {
		if share := part.Seconds / p.Wall; share >= 0.01 {
			words = append(words, fmt.Sprintf("%s %.0f %%", part.Name, 100*share))
		} else {
			small += share
		}
	}
	if small > 0 {
		words = append(words, fmt.Sprintf("what takes less than 1 %% each %.1f %%", 100*small))
	}
	explained := math.Min(100, math.Round(1000*p.Explained())/10) // clocks of two processes may overlap by some ms
	return fmt.Sprintf("Measuring took %s: %s; %.1f %% of it is accounted for.", Seconds(p.Wall), strings.Join(words, ", "), explained)
}

// spent writes the sentence below a table.
func spent(w io.Writer, rec *record.Record, width int) {
	if text := Spent(rec); text != "" {
		fmt.Fprintf(w, "\n%s\n", Wrap("", text, width))
	}
}

// busy writes that other work ran, where the view of the kind does not say it.
func busy(w io.Writer, rec *record.Record, width int) {
	if text := stats.Busy(rec); text != "" && rec.Estimate == nil {
		fmt.Fprintf(w, "\n%s\n", Wrap("warning: ", text+".", width))
	}
}

// where writes which machine was measured, where that is no matter of course: it has a
// name, accelerators or limits.
func where(w io.Writer, rec *record.Record, width int) {
	if len(rec.Machines) != 1 {
		return
	}
	m := rec.Machines[0]
	limited := m.Cores < m.LogicalCores || m.CPULimit > 0 && m.CPULimit < float64(m.Cores) || m.MemoryLimit > 0
	if m.Name != "" || len(m.GPUs) > 0 || limited {
		fmt.Fprintf(w, "\n%s\n", Wrap("Measured on ", sentence.Join(": ", m.Title(), m.Type()), width))
	}
}
