package formats

import (
	"math"
	"slices"
	"testing"
	"unicode/utf8"

	"epochtime/harness/record"
)

// FuzzFormats puts any text wherever a person or a system gives one, and any
// number where one is measured: every format must still read back.
func FuzzFormats(f *testing.F) {
	f.Add("cnn", "TF_ENABLE_ONEDNN_OPTS", "0", 0.25, 2.5)
	f.Add(strange, strange, strange, 1e-9, math.Inf(1))
	f.Add("a-8", "=", "\x00\r\n\t", math.Copysign(0, -1), math.NaN())
	f.Add("é\xff", "\u2028", "\\", math.MaxFloat64, math.SmallestNonzeroFloat64)
	f.Add("", "", "", math.NaN(), 0.0)
	f.Fuzz(func(t *testing.T, name, key, value string, seconds, loss float64) {
		c := config()
		c.Env, c.Data, c.Executor = map[string]string{key: value}, []string{value}, name
		r := of(record.KindRun, run(name, c, seconds, 0.5), run(value, config(), 0.25))
		r.Labels, r.ID = map[string]string{key: value}, value
		r.Machines[0].CPU, r.Machines[0].Hostname = value, name
		r.Runs[0].Launches[0].Epochs[1].Loss = record.Number(loss)
		ofScript(&r.Runs[0], name, key, value, seconds, record.Number(loss))
		r.Runs[0].Warnings = append(slices.Clone(r.Runs[0].Warnings), value)
		r.Runs[1].Launches = append(r.Runs[1].Launches, record.Launch{Status: record.Error, Reason: value, Machine: -1})
		if !utf8.ValidString(name + key + value) {
			return // a record is JSON, which holds nothing else
		}
		checkAll(t, r, nil)
		if finite(seconds) { // a bill has no other
			checkAll(t, explainedBy(name, key, "p"+value, seconds), nil)
		}
	})
}
