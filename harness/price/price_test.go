package price

import (
	"errors"
	"math"
	"strings"
	"testing"

	"epochtime/harness/record"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]record.Price{
		"2.48/h":          {PerHour: 2.48, Currency: NoCurrency},
		" 2.48 / hour ":   {PerHour: 2.48, Currency: NoCurrency},
		"2.48 EUR/h":      {PerHour: 2.48, Currency: "EUR"},
		"EUR 2.48/h":      {PerHour: 2.48, Currency: "EUR"},
		"eur2.48/h":       {PerHour: 2.48, Currency: "EUR"},
		"€2.48/h":         {PerHour: 2.48, Currency: "EUR"},
		"2.48€/h":         {PerHour: 2.48, Currency: "EUR"},
		"0 USD/h":         {Currency: "USD"},
		"1000000 JPY/hr":  {PerHour: 1e6, Currency: "JPY"},
		"0.00000001EUR/h": {PerHour: 1e-8, Currency: "EUR"},
	} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("%q: %+v, %v, want %+v", text, got, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "write it as in 2.48/h",
		"h":                             "write it as in 2.48/h",
		"EUR/h":                         "write it as in 2.48/h",
		"-2.48/h":                       "it is negative",
		"EUR -2.48/h":                   "it is negative",
		"NaN/h":                         "write it as in 2.48/h",
		"Inf EUR/h":                     "write it as in 2.48/h",
		"1e3/h":                         "write it as in 2.48/h",
		"2,48/h":                        `"2,48" is no amount: write digits with a point`,
		"+2/h":                          `"+2" is no amount`,
		"1_000/h":                       "is no amount",
		strings.Repeat("9", 400) + "/h": "is no amount",
		"2.48":                          "it does not say for how long",
		"2.48 EUR":                      "it does not say for how long",
		"2.48/day":                      "divide the price of a day",
		"2.48/month":                    "divide the price of a month",
		"2.48/YR":                       "divide the price of a year",
		"2.48/s":                        "/s is no unit that is known",
		"$2.48/h":                       "$ is the sign of several currencies: name one, such as USD, CAD or AUD",
		"2.48 kr/h":                     "kr is the sign of several currencies",
		"EUR 2.48 EUR/h":                "a currency before and behind",
		"euro 2.48/h":                   `"euro" is no currency`,
		"QQQ 2.48/h":                    `"QQQ" is no currency`,
		"EUR 2.48/h\x1b[31m":            "write it as in 2.48/h",
	} {
		_, err := Parse(text)
		if !errors.Is(err, ErrPrice) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestSigns(t *testing.T) {
	for sign, want := range signs {
		if got, err := Parse(sign + "1/h"); err != nil || got.Currency != want {
			t.Errorf("%s: %+v, %v, want %s", sign, got, err, want)
		}
		if shared[sign] != "" {
			t.Errorf("%s is of one currency and of several", sign)
		}
	}
}

func TestCosts(t *testing.T) {
	p := record.Price{PerHour: 36, Currency: "EUR"}
	if got := PerEpoch(p, 50); got != 0.5 {
		t.Errorf("50 s cost %g, want 0.5", got)
	}
}

// priced is a record of one run: of 1,000 examples in an epoch of 100 s, after 20 s.
func priced() *record.Record {
	launch := record.Launch{Status: record.OK, Cold: record.Cold{Start: 2, Data: 3, Load: 5, FirstStep: 4, Compile: 6, Upload: 4}}
	return &record.Record{
		Machines: []record.Machine{{Price: &record.Price{PerHour: 36, Currency: "EUR"}}},
		Runs: []record.Run{{
			Launches: []record.Launch{launch, {Status: record.OOM, Machine: 7}},
			Summary:  &record.Summary{EpochSeconds: record.Interval{Median: 100, Low: 90, High: 120, Confidence: 0.95}, ExamplesPerSecond: 10},
		}},
	}
}

func TestOf(t *testing.T) {
	rec := priced()
	c, ok := Of(rec, &rec.Runs[0])
	if !ok || c.Price.Currency != "EUR" {
		t.Fatalf("%+v, %v", c, ok)
	}
	for name, i := range map[string]struct{ got, want record.Interval }{
		"an epoch":         {c.Epoch, record.Interval{Median: 1, Low: 0.9, High: 1.2, Confidence: 0.95}},
		"million examples": {c.Million, record.Interval{Median: 1000, Low: 900, High: 1200, Confidence: 0.95}},
		"10 epochs":        {c.Epochs(10), record.Interval{Median: 10.2, Low: 9.2, High: 12.2, Confidence: 0.95}},
	} {
		near := func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }
		if !near(i.got.Median, i.want.Median) || !near(float64(i.got.Low), float64(i.want.Low)) || !near(float64(i.got.High), float64(i.want.High)) || i.got.Confidence != 0.95 {
			t.Errorf("%s: %+v, want %+v", name, i.got, i.want)
		}
	}
}

// A validation that follows an epoch is paid too, whatever examples it has.
func TestOfValidation(t *testing.T) {
	rec := priced()
	rec.Runs[0].Summary.WholeSeconds = &record.Interval{Median: 200}
	c, ok := Of(rec, &rec.Runs[0])
	if !ok || math.Abs(c.Epoch.Median-2) > 1e-9 || math.Abs(c.Million.Median-2000) > 1e-9 || c.Epoch.Known() {
		t.Errorf("%+v, %v", c, ok)
	}
}

func TestOfNothing(t *testing.T) {
	for name, spoil := range map[string]func(*record.Record){
		"no price":   func(r *record.Record) { r.Machines[0].Price = nil },
		"no machine": func(r *record.Record) { r.Runs[0].Launches[0].Machine = 1 },
		"no launch":  func(r *record.Record) { r.Runs[0].Launches = nil },
		"no summary": func(r *record.Record) { r.Runs[0].Summary = nil },
		"machines of two prices": func(r *record.Record) {
			r.Machines = append(r.Machines, record.Machine{Price: &record.Price{PerHour: 2, Currency: "EUR"}})
			r.Runs[0].Launches = append(r.Runs[0].Launches, record.Launch{Status: record.OK, Machine: 1})
		},
	} {
		rec := priced()
		spoil(rec)
		if c, ok := Of(rec, &rec.Runs[0]); ok {
			t.Errorf("%s: %+v", name, c)
		}
	}
}
