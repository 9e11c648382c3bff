package report

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/stats"
)

func TestMoney(t *testing.T) {
	for _, c := range []struct {
		v        float64
		currency string
		want     string
	}{
		{0, "EUR", "0 EUR"}, {0.000172222, "EUR", "0.000172 EUR"}, {0.5, "USD", "0.5 USD"}, {2.48, "XXX", "2.48"}, {0.99999, "EUR", "1.00 EUR"},
		{12345.6, "JPY", "12,346 JPY"}, {1.5e-12, "EUR", "1.5e-12 EUR"}, {0.0999999, "EUR", "0.1 EUR"}, {1.0149e-8, "EUR", "1.01e-8 EUR"}, {0.00002, "EUR", "2e-5 EUR"}, {math.NaN(), "EUR", "–"},
	} {
		if got := Money(c.v, c.currency); got != c.want {
			t.Errorf("%g %s: %q, want %q", c.v, c.currency, got, c.want)
		}
	}
}

func pricedRecord(p *record.Price) *record.Record {
	launches := []record.Launch{{Status: record.OK, Cold: record.Cold{Start: 3}, Epochs: []record.Epoch{{Seconds: 7.2}}}}
	return &record.Record{
		Machines: []record.Machine{{Hostname: "gpu7", Price: p}},
		Runs: []record.Run{{Graph: record.Graph{Name: "cnn"}, Launches: launches, Summary: &record.Summary{
			Launches: 6, EpochSeconds: record.Interval{Median: 7.2, Low: 3.6, High: 10.8, Confidence: 0.95}, ExamplesPerSecond: 1000,
		}}},
	}
}

// On a narrow terminal costs are two tables, whose words are whole.
func TestCostsNarrow(t *testing.T) {
	r := pricedRecord(&record.Price{PerHour: 5e-6, Currency: "EUR"})
	other := r.Runs[0]
	other.Config.Env = map[string]string{"TF_ENABLE_ONEDNN_OPTS": "0"}
	r.Runs = append(r.Runs, other)
	var out bytes.Buffer
	costs(&out, r, 80)
	const want = `
cost                              per epoch    95 % interval
cnn                                1e-8 EUR  5e-9–1.5e-8 EUR
cnn, env.TF_ENABLE_ONEDNN_OPTS 0   1e-8 EUR  5e-9–1.5e-8 EUR
`
	if got := out.String(); Widest(got) > 80 || !strings.HasPrefix(strings.Join(strings.Fields(got), " "), strings.Join(strings.Fields(want), " ")) || !strings.Contains(got, " 100 epochs, with start\n") {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	out.Reset()
	costs(&out, r, 64)
	for _, whole := range []string{"env.TF_ENABLE_ONEDNN_OPTS", "epochs,", "interval"} {
		if !strings.Contains(out.String(), whole) {
			t.Errorf("%q is broken:\n%s", whole, out.String())
		}
	}
}

func TestCosts(t *testing.T) {
	var out bytes.Buffer
	costs(&out, pricedRecord(&record.Price{Name: "gpu\x1b.large", PerHour: 5, Currency: "EUR", Source: "list", Date: "2026-03-01"}), 0)
	const want = `
cost  per epoch   95 % interval  per 1 M examples  100 epochs, with start
cnn    0.01 EUR  0.005–0.015 EUR          1.39 EUR                1.00 EUR

At 5 EUR an hour of gpu7 (gpu\u001b.large, list, 2026-03-01).
`
	if got := out.String(); strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(want), " ") {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	out.Reset()
	costs(&out, pricedRecord(&record.Price{PerHour: 5, Currency: "XXX"}), 0)
	if got := out.String(); !strings.Contains(got, "At 5 an hour of gpu7 (no currency).") || strings.Contains(got, "XXX") {
		t.Errorf("without a currency: %s", got)
	}
	out.Reset()
	if costs(&out, pricedRecord(nil), 0); out.Len() > 0 {
		t.Errorf("without a price: %s", out.String())
	}
}

func TestCostComparison(t *testing.T) {
	base := pricedRecord(&record.Price{PerHour: 5, Currency: "EUR"})
	for name, c := range map[string]struct {
		price *record.Price
		want  string
		lacks string
	}{
		"dearer":         {&record.Price{PerHour: 10, Currency: "EUR"}, "0.01 EUR 0.02 EUR 0.0 % −20.0 to +20.0 %", "different"},
		"other currency": {&record.Price{PerHour: 10, Currency: "USD"}, "0.01 EUR 0.02 USD – –", "%"},
		"price of one":   {nil, "", "cost"},
		"a free machine": {&record.Price{Currency: "EUR"}, "0.01 EUR 0 EUR −100 %", "different"},
	} {
		changed := pricedRecord(c.price)
		pair := compare.Pair{Title: "cnn", Base: &base.Runs[0], New: &changed.Runs[0], Ratio: stats.Ratio{Median: 0.5, Low: 0.4, High: 0.6, Confidence: 0.99}}
		var out bytes.Buffer
		CostComparison(&out, base, changed, &compare.Comparison{Pairs: []compare.Pair{pair}}, 0)
		_, rows, _ := strings.Cut(out.String(), "\n\n")
		text := strings.Join(strings.Fields(out.String()), " ")
		if !strings.Contains(text, c.want) || c.lacks == "%" && strings.Contains(rows, "%") || c.lacks != "%" && strings.Contains(text, c.lacks) {
			t.Errorf("%s: %s\nwant %s", name, out.String(), c.want)
		}
	}
}
