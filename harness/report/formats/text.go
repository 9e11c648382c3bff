package formats

import (
	"bytes"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/report"
)

// Text is the table that run or ab prints, and after it what a comparison with
// another record says.
func Text(r *record.Record, o Options) []byte {
	var b bytes.Buffer
	c := o.Comparison
	if c != nil && r.Plan.Kind == record.KindAB && len(c.Pairs) == 1 && c.Pairs[0].Base == &r.Runs[0] {
		report.Sides(&b, r, c.Pairs[0], o.Threshold, o.Width)
		return b.Bytes()
	}
	report.Table(&b, r, o.Width)
	if c != nil {
		b.WriteString("\n")
		report.Comparison(&b, c, compare.Options{Threshold: o.Threshold}, o.Width)
	}
	return b.Bytes()
}
