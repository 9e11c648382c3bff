package energy

import (
	"math"
	"time"

	"epochtime/harness/record"
)

// Between returns what each domain took from one reading to another, in which so many
// epochs ended. apart is how much longer or shorter the epochs took than the time
// between the readings: with the resolution and the update of the counters it is what
// the error is of. Domains that lost their counter are left out.
func (c *Counters) Between(from, to Reading, epochs int, apart time.Duration) []record.Energy {
	var out []record.Energy
	seconds := to.At.Sub(from.At).Seconds()
	c.differences(from, to, func(name string, joules float64) {
		late := 2*Update.Seconds() + math.Abs(apart.Seconds())
		out = append(out, record.Energy{
			Domain: name, Source: record.EnergyRAPL, Joules: joules, Seconds: seconds, Epochs: epochs,
			Error: 2*Resolution + joules/seconds*late,
		})
	})
	return out
}

// Power returns the mean power of each domain from one reading to another. Domains that
// lost their counter are left out.
func (c *Counters) Power(from, to Reading) []record.Power {
	var out []record.Power
	seconds := to.At.Sub(from.At).Seconds()
	c.differences(from, to, func(name string, joules float64) {
		out = append(out, record.Power{Domain: name, Watts: joules / seconds, Seconds: seconds})
	})
	return out
}

// differences calls take for each domain that was counted from one reading to another.
func (c *Counters) differences(from, to Reading, take func(name string, joules float64)) {
	if c == nil || !to.At.After(from.At) {
		return
	}
	for i, d := range c.domains {
		if i >= len(from.Joules) || i >= len(to.Joules) {
			return
		}
		if joules := to.Joules[i] - from.Joules[i]; joules >= 0 { // not where it is NaN
			take(d.name, joules)
		}
	}
}
