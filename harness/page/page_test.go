package page

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"epochtime/harness/fleet"
	"epochtime/harness/record"
	"epochtime/internal/madefleet"
)

func merged(t *testing.T, o fleet.Options, records ...*record.Record) *fleet.Fleet {
	t.Helper()
	var list []fleet.Source
	for _, r := range records {
		list = append(list, fleet.Source{Name: r.ID + ".json", Record: r})
	}
	f, err := fleet.Merge(list, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// shown is a number in the page: its place, what it is of, and its texts.
type shown struct{ Caption, Row, Column, Figure, Value, Text, Sub string }

// numbers are all cells of tables that have a number.
const numbers = `Array.from(document.querySelectorAll('td.n')).map(td => ({
	Caption: td.closest('table').caption.textContent, Row: td.closest('tr').querySelector('th').firstChild?.textContent ?? '',
	Column: td.closest('table').tHead.rows[0].cells[td.cellIndex].textContent, Sub: td.querySelector('small')?.textContent ?? '',
	Figure: td.dataset.figure ?? '', Value: td.dataset.value ?? '', Text: td.firstChild?.textContent ?? ''}))`

// Every number in the page is the record's, computed here from the epochs, and what is
// shown of it is that number.
func TestNumbers(t *testing.T) {
	shape := madefleet.Shape{Machines: 3, Models: 2, Launches: 7, Epochs: 4, Priced: true, Energy: true, Limits: true}
	records := madefleet.Records(shape)
	f := merged(t, fleet.Options{}, records...)
	ctx := open(t, f)
	tried := map[string]int{}
	for _, s := range evaluate[[]shown](t, ctx, numbers) {
		if s.Figure == "" {
			if strings.ContainsAny(s.Text, "0123456789") {
				t.Errorf("%s, %s: %q has no value", s.Caption, s.Row, s.Text)
			}
			continue
		}
		tried[s.Figure]++
		var got []float64
		for _, v := range strings.Fields(s.Value) {
			x, err := strconv.ParseFloat(v, 64)
			if err != nil {
				t.Fatalf("%+v: %v", s, err)
			}
			got = append(got, x)
		}
		if want := expected(t, f, records, s); !near(got, want) {
			t.Errorf("%s, %s, %s is %v, the record has %v", s.Caption, s.Row, s.Figure, got, want)
		}
		if want := expectedBelow(f, records, s); s.Sub != want {
			t.Errorf("%s, %s, %s: %q stands below, want %q", s.Caption, s.Row, s.Figure, s.Sub, want)
		}
		if !showsIt(s.Text, got) {
			t.Errorf("%s, %s, %s: %q does not show %v", s.Caption, s.Row, s.Figure, s.Text, got)
		}
	}
	for figure, least := range map[string]int{
		"epoch": 12, "epoch-interval": 6, "examples": 6, "cost": 6, "cost-million": 6, "joules": 6, "memory": 6, "launches": 6, "rank": 9, "first": 9, "relative": 9,
		"joules-million": 6, "achieved": 6, "utilized": 6, "limit": 9, "price": 3, "launch-median": 42, "launch-range": 42, "part-epoch-1": 6, "part-launch-5": 6, "roof-share": 6, "spread-launches": 3,
	} {
		if tried[figure] < least {
			t.Errorf("only %d numbers of %s were seen", tried[figure], figure)
		}
	}
}

func near(got, want []float64) bool {
	return slices.EqualFunc(got, want, func(a, b float64) bool { return a == b || math.Abs(a-b) <= 1e-9*math.Abs(b) })
}

// units are the factors of what stands behind a number.
var units = map[string]float64{
	"s": 1, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9, "%": 0.01, "J": 1, "kJ": 1e3, "mJ": 1e-3, "EUR": 1, "MiB": 1 << 20, "KiB": 1 << 10, "GiB": 1 << 30,
	"k": 1e3, "M": 1e6, "G": 1e9, "M FLOP": 1e6, "FLOP": 1, "FLOP/s": 1, "MFLOP/s": 1e6, "GFLOP/s": 1e9, "GB/s": 1e9, "×": 1, "": 1, "tied": 1,
}

// power splits the power of ten of a small amount from its unit: e-6 EUR is 1e-6 and EUR.
func power(unit string) (string, float64) {
	exponent, rest, _ := strings.Cut(unit, " ")
	ten, err := strconv.ParseFloat("1"+exponent, 64)
	if err != nil || !strings.HasPrefix(exponent, "e") {
		return unit, 1
	}
	return rest, ten
}

// showsIt reads a text as a person does, and compares it with the values in as many
// digits as it has.
func showsIt(text string, values []float64) bool {
	parts := strings.Split(strings.ReplaceAll(text, " to ", "–"), "–")
	if len(parts) != len(values) {
		return false
	}
	last, _ := power(strings.TrimLeft(strings.TrimPrefix(parts[len(parts)-1], "×"), "0123456789., ><"))
	for i, part := range parts {
		digits := strings.TrimPrefix(strings.Trim(part, "<> "), "×")
		unit := strings.TrimLeft(digits, "0123456789.,")
		digits = strings.ReplaceAll(digits[:len(digits)-len(unit)], ",", "")
		unit, ten := power(unit)
		if unit == "" {
			unit = last
		}
		factor, known := units[strings.TrimSpace(unit)]
		factor *= ten
		read, err := strconv.ParseFloat(digits, 64)
		if !known || err != nil {
			return false
		}
		places := 0
		if _, after, found := strings.Cut(digits, "."); found {
			places = len(after)
		}
		switch {
		case strings.HasPrefix(part, "<"):
			if values[i] >= read*factor {
				return false
			}
		case strings.HasPrefix(part, ">"):
			if values[i] <= read*factor {
				return false
			}
		case math.Abs(values[i]/factor-read) > 0.51*math.Pow(10, -float64(places)):
			return false
		}
	}
	return true
}

func TestShowsIt(t *testing.T) {
	for text, value := range map[string]float64{"45.0 ms": 0.04496, "1,234": 1234.4, "> 99 %": 0.995, "0.95×": 0.951, "×0.41": 0.412, "2, tied": 2} {
		if !showsIt(text, []float64{value}) || showsIt(text, []float64{value * 0.5}) {
			t.Errorf("%q and %g", text, value)
		}
	}
	if !showsIt("44.6–45.4 ms", []float64{0.0446, 0.0454}) || showsIt("44.6–45.4 ms", []float64{0.0446, 0.46}) {
		t.Error("of an interval")
	}
}

// Of one kind of record each, the page can be written.
func TestWrite(t *testing.T) {
	shape := madefleet.Shape{Machines: 2, Models: 2, Launches: 2, Epochs: 2}
	for what, records := range map[string][]*record.Record{
		"one machine": madefleet.Records(madefleet.Shape{Machines: 1, Models: 1, Launches: 1, Epochs: 1}), "machines": madefleet.Records(shape),
		"sessions": madefleet.Sessions(shape, 30, 15), "a sweep": {madefleet.Sweep(shape, []int{16, 32, 64}, 64)},
		"nothing": {{ID: "empty", Plan: record.Plan{Kind: record.KindRun}}},
	} {
		var b bytes.Buffer
		if err := Write(&b, merged(t, fleet.Options{}, records...)); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		for _, never := range []string{"<script", "NaN", "+Inf", "ZgotmplZ", "http://", "https://"} {
			if strings.Contains(b.String(), never) {
				t.Errorf("%s: the page has %s", what, never)
			}
		}
	}
	if err := Write(nil, nil); err == nil {
		t.Error("nothing is written to nowhere")
	}
}

// The page of twenty machines and twenty models stays below 5 MB, and a browser has
// nothing to say of it.
func TestLarge(t *testing.T) {
	shape := madefleet.Shape{Machines: 20, Models: 20, Launches: 10, Epochs: 10, Priced: true, Energy: true, Limits: true}
	f := merged(t, fleet.Options{}, madefleet.Records(shape)...)
	var b bytes.Buffer
	if err := Write(&b, f); err != nil {
		t.Fatal(err)
	}
	if b.Len() >= 5<<20 {
		t.Errorf("the page has %d bytes", b.Len())
	}
	ctx := open(t, f)
	if n := evaluate[int](t, ctx, `document.querySelectorAll('td[data-figure="epoch"]').length`); n != 800 {
		t.Errorf("%d epoch times are shown, want those of 400 cells in two tables", n)
	}
	if n := evaluate[int](t, ctx, `Array.from(document.querySelectorAll('table')).filter(e => !e.caption || !e.tHead).length + document.querySelectorAll('tbody td:first-child').length`); n != 0 {
		t.Errorf("%d tables or rows lack a caption or a header", n)
	}
}
