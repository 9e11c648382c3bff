package stats

import (
	"fmt"
	"strings"
	"testing"

	"epochtime/harness/record"
)

func took(domain string, joules float64, epochs int) record.Energy {
	return record.Energy{Domain: domain, Source: record.EnergyRAPL, Joules: joules, Epochs: epochs}
}

func TestLaunchJoules(t *testing.T) {
	for name, c := range map[string]struct {
		status string
		energy []record.Energy
		want   float64
		ok     bool
	}{
		"domains add up":    {record.OK, []record.Energy{took("package-0", 30, 3), took("dram-0", 4, 2)}, 12, true},
		"not the platform":  {record.OK, []record.Energy{took("package-0", 30, 3), took(record.DomainPlatform, 90, 3)}, 10, true},
		"a failed launch":   {record.Killed, []record.Energy{took("package-0", 30, 3)}, 0, false},
		"unknown, not zero": {record.OK, nil, 0, false},
		"no epoch":          {record.OK, []record.Energy{took("package-0", 30, 0)}, 0, false},
	} {
		if got, ok := LaunchJoules(record.Launch{Status: c.status, Energy: c.energy}); got != c.want || ok != c.ok {
			t.Errorf("%s: %g, %v", name, got, ok)
		}
	}
}

// metered is a run of launches that took so many joules in two epochs.
func metered(joules ...float64) *record.Run {
	r := &record.Run{}
	for i, j := range joules {
		l := trained(i, 0.5, 0.5)
		l.Energy = []record.Energy{took("package-0", j, 2)}
		r.Launches = append(r.Launches, l)
	}
	return r
}

// trained is a launch that works, of epochs that took these seconds after one of warm-up.
func trained(order int, seconds ...float64) record.Launch {
	l := record.Launch{Status: record.OK, Order: order, Epochs: []record.Epoch{{Warmup: true, Seconds: 1, Steps: 1, Samples: 1000}}}
	at := 1.0
	for i, s := range seconds {
		l.Epochs = append(l.Epochs, record.Epoch{Index: i + 1, Start: at, Seconds: s, Steps: 1, Samples: 1000})
		at += s
	}
	return l
}

func TestJoulesPerEpoch(t *testing.T) {
	s, _ := Summarize(metered(20, 22, 24, 26, 28, 30))
	if s.JoulesPerEpoch == nil || s.JoulesPerEpoch.Median != 12.5 || s.JoulesPerEpoch.Low != 10 || s.JoulesPerEpoch.High != 15 {
		t.Fatalf("%+v", s.JoulesPerEpoch)
	}
	if million, known := JoulesPerMillion(*s); !known || million.Median != 12500 || million.High != 15000 {
		t.Errorf("%+v, %v", million, known)
	}
	none := metered(20)
	none.Launches[0].Energy = nil
	s, _ = Summarize(none)
	if _, known := JoulesPerMillion(*s); s.JoulesPerEpoch != nil || known {
		t.Errorf("%+v", s.JoulesPerEpoch)
	}
}

// read gives a launch a reading each second, with these clocks.
func read(l record.Launch, clocks ...float64) record.Launch {
	for i, c := range clocks {
		l.Readings = append(l.Readings, record.Reading{At: float64(i) + 0.5, Conditions: record.Conditions{Clock: c}})
	}
	return l
}

func TestHeat(t *testing.T) {
	ten := func(order int) record.Launch { return trained(order, 2, 2, 2, 2, 2) }
	throttled := ten(0)
	throttled.Before, throttled.After = &record.Conditions{Throttled: 3}, &record.Conditions{Throttled: 9}
	calm := ten(1)
	calm.Before, calm.After = &record.Conditions{Throttled: 9}, &record.Conditions{Throttled: 9}
	gpu := read(ten(0), 0, 0, 0)
	gpu.Readings[0].GPUs = []record.GPUCondition{{Throttled: []string{record.ThrottleBrake}}} // before the epochs
	gpu.Readings[1].GPUs = []record.GPUCondition{{Throttled: []string{record.ThrottlePower, record.ThrottleHeat}}}
	falling := read(ten(0), 9000, 4000, 4000, 4000, 3900, 3800, 3500, 3200, 3000, 3000, 3000)
	for name, c := range map[string]struct {
		launches []record.Launch
		want     string
	}{
		"throttled": {[]record.Launch{throttled, calm}, "heat slowed the CPU while 1 of 2 launches ran: cool the machine better, or compare with it as it is"},
		"a GPU":     {[]record.Launch{gpu}, "a GPU slowed itself while it trained: heat"},
		"clock":     {[]record.Launch{falling}, "the CPU's clock fell by 25 % while a launch ran, the median of launches"},
		"steady":    {[]record.Launch{calm, read(ten(0), 9000, 4000, 4000, 4000, 3900, 3900, 3900, 3900, 3900, 3900, 3900)}, ""},
		"too few":   {[]record.Launch{read(ten(0), 9000, 4000, 4000, 3000, 3000)}, ""},
	} {
		if got := strings.Join(heat(&record.Run{Launches: c.launches}), "; "); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	_, warnings := Summarize(&record.Run{Launches: []record.Launch{throttled}})
	if !strings.Contains(fmt.Sprint(warnings), "heat slowed the CPU") {
		t.Errorf("the summary does not warn: %q", warnings)
	}
}
