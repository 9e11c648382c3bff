package formats

import (
	"strings"
	"testing"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/report"
)

// factorsRecord varies the batch, the threads and the precision, which fails.
func factorsRecord() *record.Record {
	level := func(name, from, to string, r record.Run) record.Run {
		r.Factor = &record.Factor{Name: name, From: from, To: to}
		return r
	}
	large, thread := config(), config()
	large.Batch, thread.IntraOp = 256, 1
	failed := run("cnn-bfloat16", config())
	failed.Launches = []record.Launch{{Status: record.OOM, Reason: "no memory", Started: began}}
	r := of(record.KindFactors, run("cnn", config(), six...), level("batch", "32", "256", run("cnn", large, times(0.5, six)...)),
		level("threads", "default", "1", run("cnn", thread, six[0], six[2], six[1], six[4], six[3], six[5])), level("precision", "float32", "mixed_bfloat16", failed))
	r.Plan.LeftOut = []string{"width: there is none"}
	return r
}

// Effects read back from CSV, OpenMetrics and Markdown are those of the record.
func TestEffects(t *testing.T) {
	r := factorsRecord()
	effects := compare.EffectsOf(r)
	data, err := CSV(r, false)
	n := 0
	for _, line := range parsed(t, data, err, readCSV) {
		if !isFigure(line) {
			if line["ratio"] != "" || (line["factor"] == "") != (line["note"] == "default") {
				t.Errorf("csv: a row of a launch is %q", line)
			}
			continue
		}
		e := effects[n]
		if line["factor"] != e.Factor.Name || line["from"] != e.Factor.From || line["to"] != e.Factor.To || line["per"] != "epoch" || line["status"] != "" {
			t.Errorf("csv: %q is not of %v", line, e.Factor)
		}
		for name, want := range map[string]float64{"ratio": e.Ratio.Median, "low": e.Ratio.Low, "high": e.Ratio.High} {
			same(t, "csv "+name, line[name], want)
		}
		if e.Ratio.Known() {
			same(t, "csv p", line["p"], e.P)
		} else if line["p"] != "" {
			t.Errorf("csv: p of nothing is %q", line["p"])
		}
		n++
	}
	if n != 3 || n != len(effects) {
		t.Errorf("csv has %d effects of %d", n, len(effects))
	}
	metrics := string(OpenMetrics(r, nil))
	for _, want := range []string{
		`epochtime_effect_ratio{graph="cnn",factor="batch",from="32",to="256",per="epoch"} 0.5`,
		`epochtime_effect_high_ratio{graph="cnn",factor="batch"`, `epochtime_effect_probability_ratio{graph="cnn",factor="threads"`,
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("openmetrics lacks %s:\n%s", want, metrics)
		}
	}
	if strings.Contains(metrics, `epochtime_effect_ratio{graph="cnn",factor="precision"`) {
		t.Error("openmetrics has a ratio of what failed")
	}
	page := string(Markdown(r, nil))
	for _, want := range []string{"| batch 32→256 | epoch | ×0.50 | " + report.EffectInterval(effects[0]) + " | clear |", "failed: out of memory: no memory", "Left out: width: there is none."} {
		if !strings.Contains(page, want) {
			t.Errorf("markdown lacks %q:\n%s", want, page)
		}
	}
}
