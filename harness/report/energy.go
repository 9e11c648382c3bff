package report

import (
	"fmt"
	"slices"

	"epochtime/harness/record"
	"epochtime/harness/stats"
	"epochtime/internal/sentence"
)

// energies are the columns of runs whose energy is known.
var energies = []column{
	{"energy", summary(func(s record.Summary) string {
		if s.JoulesPerEpoch == nil {
			return none
		}
		return Joules(s.JoulesPerEpoch.Median)
	})},
	{"interval", summary(func(s record.Summary) string {
		if s.JoulesPerEpoch == nil || !s.JoulesPerEpoch.Known() {
			return none
		}
		return JoulesRange(*s.JoulesPerEpoch)
	})},
}

func hasEnergy(r record.Run) bool { return r.Summary != nil && r.Summary.JoulesPerEpoch != nil }

// EnergyNote explains the energies of runs, with what the idle machine takes; empty where
// there are none.
func EnergyNote(rec *record.Record) string {
	var domains []string
	for _, r := range rec.Runs {
		if !hasEnergy(r) {
			continue
		}
		for _, d := range stats.Domains(r) {
			if !slices.Contains(domains, d) {
				domains = append(domains, d)
			}
		}
	}
	if len(domains) == 0 {
		return ""
	}
	out := "Energy is what an epoch takes of " + sentence.List(domains) + ", all that runs there included."
	idle := 0.0
	for _, p := range rec.Idle {
		if slices.Contains(domains, p.Domain) {
			idle += p.Watts
		}
	}
	if idle > 0 {
		out += fmt.Sprintf(" Idle, the machine takes %s.", Watts(idle))
	}
	return out
}

// Joules formats an energy with three significant digits, in the unit that reads best.
func Joules(v float64) string {
	if !finite(v) {
		return none
	}
	value, name := jouleUnit(v)
	return digits(v/value, v/value) + " " + name
}

// JoulesRange formats an interval of energies, both ends in the unit of the upper one.
func JoulesRange(i record.Interval) string {
	value, name := jouleUnit(float64(i.High))
	return digits(float64(i.Low)/value, float64(i.High)/value) + "–" + digits(float64(i.High)/value, float64(i.High)/value) + " " + name
}

func jouleUnit(v float64) (float64, string) {
	return scale(v, prefix{1e9, "GJ"}, prefix{1e6, "MJ"}, prefix{1e3, "kJ"}, prefix{1, "J"}, prefix{1e-3, "mJ"}, prefix{1e-6, "µJ"})
}

// Watts formats a power with three significant digits.
func Watts(v float64) string {
	if !finite(v) {
		return none
	}
	value, name := scale(v, prefix{1e3, "kW"}, prefix{1, "W"}, prefix{1e-3, "mW"})
	return digits(v/value, v/value) + " " + name
}
