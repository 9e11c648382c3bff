package price

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"epochtime/harness/record"
)

var today = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

const whole = `[[price]]
machine = "gpu7"
per_hour = 2.48
currency = "EUR"
source = "https://example.com/prices"
date = 2026-03-01
name = "gpu.large"

[[price]]
machine = "9f2c1a7be0d84c35"
per_hour = 0
currency = "USD"
source = "ours"
date = 2025-12-31
`

func TestRead(t *testing.T) {
	list, err := Read(strings.NewReader(whole), today)
	if err != nil {
		t.Fatal(err)
	}
	named := &record.Price{Name: "gpu.large", PerHour: 2.48, Currency: "EUR", Source: "https://example.com/prices", Date: "2026-03-01"}
	owned := &record.Price{Currency: "USD", Source: "ours", Date: "2025-12-31"}
	for _, c := range []struct {
		machine record.Machine
		want    *record.Price
	}{
		{record.Machine{Name: "gpu7"}, named},
		{record.Machine{Hostname: "gpu7"}, named},
		{record.Machine{Hostname: "gpu7", Name: "other"}, nil},
		{record.Machine{Hostname: "x", ID: "9f2c1a7be0d84c35"}, owned},
		{record.Machine{Name: "gpu7", ID: "9f2c1a7be0d84c35"}, owned},
		{record.Machine{}, nil},
	} {
		if got := list.For(c.machine); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v costs %+v, want %+v", c.machine, got, c.want)
		}
	}
	rec := &record.Record{Machines: []record.Machine{{Name: "gpu7", Price: &record.Price{PerHour: 1}}, {Hostname: "none", Price: &record.Price{PerHour: 1}}}}
	if without := list.Apply(rec); !reflect.DeepEqual(without, []string{"none"}) || !reflect.DeepEqual(rec.Machines[0].Price, named) || rec.Machines[1].Price.PerHour != 1 {
		t.Errorf("without a price: %q; %+v", without, rec.Machines)
	}
}

func TestReadRefuses(t *testing.T) {
	one, _, _ := strings.Cut(whole, "\n\n")
	for name, c := range map[string]struct{ text, want string }{
		"empty":          {"", "it has no [[price]]"},
		"not TOML":       {"{}", "line 1: "},
		"cut off":        {one[:len(one)-3], "line 7: "},
		"unknown key":    {one + "\nwatts = 300", `line 8: there is no key "price.watts"`},
		"unknown table":  {one + "\n[tax]\nvat = 19", "line "},
		"no machine":     {strings.Replace(one, `"gpu7"`, `""`, 1), "machine is missing"},
		"no amount":      {strings.Replace(one, "per_hour = 2.48\n", "", 1), "per_hour is missing"},
		"negative":       {strings.Replace(one, "2.48", "-2.48", 1), "per_hour is -2.48: a price is 0 or more"},
		"nan":            {strings.Replace(one, "2.48", "nan", 1), "per_hour is NaN"},
		"inf":            {strings.Replace(one, "2.48", "inf", 1), "per_hour is +Inf"},
		"a text":         {strings.Replace(one, "2.48", `"2.48"`, 1), "line 3: "},
		"no currency":    {strings.Replace(one, "currency = \"EUR\"\n", "", 1), "currency is missing"},
		"XXX":            {strings.Replace(one, "EUR", "XXX", 1), "currency is missing"},
		"bad currency":   {strings.Replace(one, "EUR", "EURO", 1), `currency "EURO" is no code`},
		"small letters":  {strings.Replace(one, "EUR", "eur", 1), `currency "eur" is no code`},
		"no source":      {strings.Replace(one, "https://example.com/prices", "", 1), "source is missing"},
		"no date":        {strings.Replace(one, "date = 2026-03-01\n", "", 1), "date is missing"},
		"tomorrow":       {strings.Replace(one, "2026-03-01", "2026-03-02", 1), "date 2026-03-02 is in the future"},
		"no day":         {strings.Replace(one, "2026-03-01", "2026-02-30", 1), "line 6: "},
		"twice":          {one + "\n" + one, `price 2 (machine "gpu7"): an entry before it has the same machine`},
		"hostile":        {strings.Replace(one, `"gpu7"`, `"\u001b[31m"`, 1) + "\n" + strings.Replace(one, `"gpu7"`, `"\u001b[31m"`, 1), `machine "\x1b[31m"`},
		"long":           {strings.Repeat("#", most+1), "it is longer than"},
		"a key repeated": {one + "\ndate = 2026-03-01", "line 8: "},
	} {
		_, err := Read(strings.NewReader(c.text), today)
		if !errors.Is(err, ErrPrice) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if _, err := Read(iotest.ErrReader(errors.ErrUnsupported), today); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a file that does not read: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(whole)
	f.Fuzz(func(t *testing.T, text string) {
		list, err := Read(strings.NewReader(text), today)
		if err != nil {
			return
		}
		for machine, p := range list.prices {
			rec := record.Machine{Name: machine, Price: &p}
			if !(p.PerHour >= 0) || p.Currency == "" || p.Date > "2026-03-01" || rec.Title() == "" {
				t.Errorf("%q: %+v", machine, p)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"2.48/h", "EUR 2.48/h", "€1/h", "-1/day"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := Parse(text); err == nil && (!(p.PerHour >= 0) || len(p.Currency) != 3) {
			t.Errorf("%q: %+v", text, p)
		}
	})
}
