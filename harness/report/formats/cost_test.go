package formats

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"epochtime/harness/price"
)

// What an epoch costs is in each format that has numbers: its time at the price.
func TestCosts(t *testing.T) {
	r := pricedRecord()
	wanted := r.Runs[0].Summary.EpochSeconds.Median / 100
	for _, epochs := range []bool{false, true} {
		data, err := CSV(r, epochs)
		lines := parsed(t, data, err, readCSV)
		for _, line := range lines {
			seconds, _ := strconv.ParseFloat(line["epoch_s"], 64)
			cost, err := strconv.ParseFloat(line["epoch_cost"], 64)
			if err != nil || math.Abs(cost-seconds/100) > 1e-12 || line["price_per_hour"] != "36" || line["currency"] != "EUR" {
				t.Errorf("%q, %q, %q for %s s", line["epoch_cost"], line["price_per_hour"], line["currency"], line["epoch_s"])
			}
		}
	}
	metrics := string(OpenMetrics(r, nil))
	for _, want := range []string{
		`epochtime_price_per_hour{machine="lab",machine_id="",currency="EUR"} 36`,
		`currency="EUR"} ` + strconv.FormatFloat(wanted, 'g', -1, 64) + "\n",
		"# TYPE epochtime_million_examples_cost gauge",
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("no %s in\n%s", want, metrics)
		}
	}
	r.Machines[0].Price.Currency = price.NoCurrency
	if metrics := string(OpenMetrics(r, nil)); strings.Contains(metrics, price.NoCurrency) || !strings.Contains(metrics, `machine_id="",currency="none"} 36`) {
		t.Errorf("no currency in\n%s", metrics)
	}
	r.Machines[0].Price.Currency = "EUR"
	if text := string(Markdown(r, nil)); !strings.Contains(text, "per 1 M examples") || !strings.Contains(text, `36 EUR an hour of lab (gpu|large, list, 2026-03-01)`) {
		t.Errorf("markdown: %s", text)
	}
	r.Machines[0].Price = nil
	data, _ := CSV(r, false)
	if strings.Contains(string(data), "cost") || strings.Contains(string(OpenMetrics(r, nil)), "cost") || strings.Contains(string(Markdown(r, nil)), "cost") {
		t.Error("a cost without a price")
	}
}
