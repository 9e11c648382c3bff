package report

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"epochtime/harness/record"
)

// drawn is a run like cnn whose launches have so many epochs around these seconds.
func drawn(seed uint64, epochs int, change func(*record.Run), seconds ...float64) record.Run {
	rng := rand.New(rand.NewPCG(seed, 1))
	r := like(change, seconds...)
	for i := range r.Launches {
		var list []record.Epoch
		for k := range epochs {
			s := seconds[i] * math.Exp(0.01*rng.NormFloat64())
			list = append(list, record.Epoch{Index: k, Seconds: s, Step: s, Steps: 32, Samples: 1000})
		}
		r.Launches[i].Epochs = list
	}
	return r
}

// plots are records, and how they are drawn.
func plots() map[string]struct {
	rec  *record.Record
	draw func(io.Writer, *record.Record, int)
} {
	eight := []float64{0.25, 0.252, 0.248, 0.251, 0.249, 0.253, 0.247, 0.25}
	var grid, wide []record.Run
	for i, n := range []int{1, 4, 16, 64, 256, 1024} {
		grid = append(grid, like(batch(n), scaled(math.Pow(0.5, float64(i)), eight...)...))
	}
	grid = append(grid, failing(like(batch(4096)), record.OOM, "no memory", 1), failing(like(batch(8192)), record.Error, "it burst", 1), like(batch(0)))
	for _, n := range []int{16, 32} {
		for _, threads := range []int{1, 2} {
			wide = append(wide, like(func(r *record.Run) { r.Config.Batch, r.Config.IntraOp = n, threads }, scaled(16/float64(n*threads), 0.2, 0.3, 0.25, 0.22, 0.27, 0.31)...))
		}
	}
	apart := kind(record.KindAB, on("A", drawn(1, 20, plain, eight...)), on("B", drawn(2, 20, callerThread, scaled(0.9, eight...)...)))
	over := kind(record.KindAB, on("A", drawn(3, 30, plain, eight...)), on("B", drawn(4, 30, callerThread, scaled(1.002, eight...)...)))
	over.Runs[1].Launches[3].Epochs[7].Seconds = 9 // a pause
	alike := kind(record.KindAB, on("A", like(plain, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25)), on("B", like(callerThread, 0.25, 0.25)))
	few := kind(record.KindRun, drawn(5, 6, plain, eight[:4]...), failing(drawn(6, 6, batch(64), eight[:3]...), record.Error, "it burst", 1))
	many := kind(record.KindRun, drawn(7, 100, plain, eight...))
	crowd := kind(record.KindRun, drawn(8, 3, plain, scaled(1, append(append(append([]float64{}, eight...), eight...), append(append([]float64{}, eight...), eight...)...)...)...))
	return map[string]struct {
		rec  *record.Record
		draw func(io.Writer, *record.Record, int)
	}{
		"sweep": {kind(record.KindSweep, grid...), Bars}, "sweep-two": {kind(record.KindSweep, wide...), Bars}, "ab-apart": {apart, Dots}, "ab-over": {over, Dots}, "ab-alike": {alike, Dots},
		"strip-few": {few, Strip}, "strip-many": {many, Strip}, "strip-crowd": {crowd, Strip},
	}
}

func TestPlots(t *testing.T) {
	for name, c := range plots() {
		for _, width := range []int{80, 120} {
			t.Run(fmt.Sprintf("%s-%d", name, width), func(t *testing.T) {
				var out bytes.Buffer
				c.draw(&out, c.rec, width)
				golden(t, fmt.Sprintf("plot-%s-%d", name, width), out.String())
				for line := range strings.Lines(out.String()) {
					if n := columns(strings.TrimSuffix(line, "\n")); n > width {
						t.Errorf("%d columns: %s", n, line)
					}
				}
				if strings.Contains(out.String(), "\x1b") {
					t.Error("it has colours")
				}
			})
		}
	}
}

// What a record of any kind has little of can be drawn, on a narrow terminal too.
func TestPlotsOfLittle(t *testing.T) {
	for name, rec := range ofEveryKind() {
		for _, width := range []int{0, 20, 40} {
			var out bytes.Buffer
			Bars(&out, rec, width)
			Dots(&out, rec, width)
			Strip(&out, rec, width)
			if rec.Plan.Kind == record.KindRun && out.Len() == 0 {
				t.Errorf("%s at %d columns: nothing is drawn", name, width)
			}
		}
	}
	for _, rec := range []*record.Record{kind(record.KindAB), kind(record.KindSweep, like(plain)), kind(record.KindAB, on("A", like(plain, 1)), on("B", like(plain)))} {
		var out bytes.Buffer
		Bars(&out, rec, 80)
		Dots(&out, rec, 80)
		if rec.Plan.Kind == record.KindAB && len(rec.Runs) < 2 && out.Len() > 0 {
			t.Errorf("%s", &out)
		}
	}
}

// The plots place what they draw where the numbers are.
func TestPlotsAreTrue(t *testing.T) {
	axis := newRatioAxis([]span{{0.4, 0.5, 0.6}, {1.9, 2, 2.1}}, 41)
	if one, half, two := axis.column(1), axis.column(0.5), axis.column(2); one-half != two-one || half <= 0 || two >= 40 {
		t.Errorf("1 is at %d, a half at %d, two at %d", one, half, two)
	}
	line := []rune(axis.line(span{0.4, 0.5, 0.6}))
	if line[axis.column(0.5)] != '●' || line[axis.column(0.4)] != '├' || line[axis.column(0.6)] != '┤' || line[axis.column(1)] != '│' {
		t.Errorf("%q", string(line))
	}
	if at := strings.Index(axis.ticks(), "1"); at != axis.column(1) {
		t.Errorf("the tick of 1 is at %d in %q, and 1 at %d", at, axis.ticks(), axis.column(1))
	}
	times := newTimeAxis([]*distribution{{launches: []float64{1, 2}}, {launches: []float64{3}}}, 21)
	if got := times.dots([]float64{1, 2, 2, 3}); len(got) != 2 || []rune(got[0])[10] != '●' || []rune(got[1])[0] != '●' || []rune(got[1])[20] != '●' {
		t.Errorf("%q", got)
	}
	if got := []rune(times.density([]float64{1, 3, 3})); got[20] != '█' || got[0] == ' ' || got[10] != ' ' {
		t.Errorf("%q", string(got))
	}
	half := bar(&record.Summary{ExamplesPerSecond: 50}, 100, 20)
	if half != strings.Repeat("█", 10) {
		t.Errorf("half of the most: %q", half)
	}
}
