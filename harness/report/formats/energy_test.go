package formats

import (
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// energyRecord has the energy of a run whose platform has a counter too, and of another
// run none.
func energyRecord() *record.Record {
	known, unknown := run("cnn", config(), six...), run("rnn", config(), 0.5)
	for i := range known.Launches {
		l := &known.Launches[i]
		took := 6 + float64(i)/8
		l.Energy = []record.Energy{
			{Domain: "package-0", Source: record.EnergyRAPL, Joules: took, Error: 0.125, Seconds: 0.5, Epochs: 2},
			{Domain: "dram-0", Source: record.EnergyRAPL, Joules: 1, Error: 0.125, Seconds: 0.5, Epochs: 2},
			{Domain: record.DomainPlatform, Source: record.EnergyRAPL, Joules: 20, Error: 0.125, Seconds: 0.5, Epochs: 2},
		}
	}
	out := of(record.KindRun, known, unknown)
	out.Idle = []record.Power{{Domain: "package-0", Watts: 4.5, Seconds: 2}, {Domain: "dram-0", Watts: 0.5, Seconds: 2}, {Domain: record.DomainPlatform, Watts: 9, Seconds: 2}}
	return out
}

// Every format that has a place for energy has it, as it is in the record.
func TestEnergyRoundTrips(t *testing.T) {
	r := energyRecord()
	joules := r.Runs[0].Summary.JoulesPerEpoch
	if joules == nil || joules.Median < 3.5 || joules.Median > 4 || !joules.Known() || r.Runs[1].Summary.JoulesPerEpoch != nil {
		t.Fatalf("%+v", joules)
	}
	data, err := CSV(r, false)
	for i, line := range parsed(t, data, err, readCSV) {
		want := ""
		if i < len(r.Runs[0].Launches) {
			v, _ := stats.LaunchJoules(r.Runs[0].Launches[i])
			want = number(v)
		}
		if line["joules_per_epoch"] != want || (line["joules_per_epoch.psys"] == "") != (want == "") {
			t.Errorf("csv, line %d: %q, want %q", i, line["joules_per_epoch"], want)
		}
	}
	data, err = Benchfmt(r)
	if err != nil || strings.Count(string(data), " J/epoch") != len(r.Runs[0].Launches) {
		t.Errorf("benchfmt (%v):\n%s", err, data)
	}
	values, series, err := readOpenMetrics(OpenMetrics(r, nil))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for key, l := range series {
		got[l.Get(labels.MetricName)+" "+l.Get("graph")+l.Get("domain")] = values[key]
	}
	for name, want := range map[string]float64{
		"epochtime_epoch_energy_joules cnn": joules.Median, "epochtime_epoch_energy_low_joules cnn": float64(joules.Low), "epochtime_epoch_energy_high_joules cnn": float64(joules.High),
		"epochtime_idle_power_watts package-0": 4.5,
	} {
		if v, there := got[name]; !there || v != want {
			t.Errorf("openmetrics: %s is %v, want %v", name, v, want)
		}
	}
	if _, there := got["epochtime_epoch_energy_joules rnn"]; there {
		t.Error("openmetrics: the energy of rnn is not known")
	}
	data, err = MLLog(r)
	metered := 0
	for _, e := range parsed(t, data, err, readMLLog) {
		if list, ok := e.Metadata["energy"].([]any); ok && e.Key == "run_stop" && len(list) == 3 {
			metered++
		}
	}
	if metered != len(r.Runs[0].Launches) {
		t.Errorf("mllog: %d launches have energy", metered)
	}
	if text := string(Markdown(r, nil)); !strings.Contains(text, "| 3.66 J | 3.50–3.81 J |") || !strings.Contains(text, "Idle, the machine takes 5.00 W.") {
		t.Errorf("markdown:\n%s", text)
	}
}

// Where no energy is known, no format has a place for it.
func TestNoEnergy(t *testing.T) {
	r := plainRecord()
	for format, write := range map[string]func() ([]byte, error){
		"csv": func() ([]byte, error) { return CSV(r, false) }, "benchfmt": func() ([]byte, error) { return Benchfmt(r) },
		"openmetrics": func() ([]byte, error) { return OpenMetrics(r, nil), nil }, "mllog": func() ([]byte, error) { return MLLog(r) },
		"markdown": func() ([]byte, error) { return Markdown(r, nil), nil },
	} {
		data, err := write()
		for _, word := range []string{"joule", "J/epoch", "energy", "watts"} {
			if err != nil || strings.Contains(strings.ToLower(string(data)), strings.ToLower(word)) {
				t.Errorf("%s has %s (%v)", format, word, err)
			}
		}
	}
}
