package record

import (
	"fmt"
	"slices"
)

// Conditions are what a machine is like at a time. What is not known is 0.
type Conditions struct {
	Load        float64        `json:"load,omitempty"`          // runnable threads, mean of the last minute
	Clock       float64        `json:"clock_mhz,omitempty"`     // mean over the cores
	Temperature float64        `json:"temperature_c,omitempty"` // the hottest sensor of the CPU
	Throttled   int64          `json:"throttled,omitempty"`     // times since boot that heat slowed the CPU
	GPUs        []GPUCondition `json:"gpus,omitempty"`          // in the order of Machine.GPUs
}

// GPUCondition is what an accelerator is like at a time. What is not known is 0.
type GPUCondition struct {
	Clock       float64  `json:"clock_mhz,omitempty"`
	MemoryClock float64  `json:"memory_clock_mhz,omitempty"`
	Temperature float64  `json:"temperature_c,omitempty"`
	Power       float64  `json:"power_w,omitempty"`
	MemoryUsed  uint64   `json:"memory_used_bytes,omitempty"`
	Throttled   []string `json:"throttled,omitempty"` // reasons
}

// Reasons for which an accelerator slows itself, in GPUCondition.Throttled.
const (
	ThrottlePower = "its limit of power"
	ThrottleHeat  = "heat"
	ThrottleBrake = "the power supply" // an external brake, or a drop of voltage
	ThrottleOther = "other reasons"
)

// Reading is a reading of the machine while a launch ran.
type Reading struct {
	At  float64 `json:"at_s"`                // since the process's start, by the parent's clock
	RSS uint64  `json:"rss_bytes,omitempty"` // of the worker's processes
	Conditions
	Power []Power `json:"power,omitempty"` // mean since the reading before
}

// Energy is what the measured epochs of a launch took of a domain. Joules is what the
// domain took while they ran, Error what the counter's and the clock's resolution leave
// open, in joules.
type Energy struct {
	Domain  string  `json:"domain"` // such as package-0 or gpu-0
	Source  string  `json:"source"` // EnergyRAPL, EnergyNVML or EnergyPower
	Joules  float64 `json:"joules"`
	Error   float64 `json:"error_joules"`
	Seconds float64 `json:"seconds"` // from the end of the warm-up to the end of the last epoch
	Epochs  int     `json:"epochs"`  // in that time
}

// What Energy.Source may hold.
const (
	EnergyRAPL  = "rapl"       // the CPU's counter, through Linux's powercap
	EnergyNVML  = "nvml"       // the GPU's counter
	EnergyPower = "nvml-power" // the GPU's power, sampled
)

// DomainPlatform is the domain of the whole machine, which contains those of the CPU.
const DomainPlatform = "psys"

// Disjoint returns the energies that may be added up: not the platform's, where any of
// its parts is known.
func Disjoint(list []Energy) []Energy {
	cpu := slices.ContainsFunc(list, func(e Energy) bool { return e.Source == EnergyRAPL && e.Domain != DomainPlatform })
	return slices.DeleteFunc(slices.Clone(list), func(e Energy) bool { return cpu && e.Domain == DomainPlatform })
}

// Power is the power of a domain.
type Power struct {
	Machine int     `json:"machine,omitempty"` // index into Record.Machines
	Domain  string  `json:"domain"`
	Watts   float64 `json:"watts"`
	Seconds float64 `json:"seconds,omitempty"` // over which it is the mean
}

func (c *Conditions) validate() error {
	if c == nil {
		return nil
	}
	for _, g := range c.GPUs {
		if err := amounts(g.Clock, g.MemoryClock, g.Power); err != nil {
			return fmt.Errorf("gpus: %w", err)
		}
	}
	if !finite(c.Temperature) || c.Throttled < 0 {
		return fmt.Errorf("%g °C and %d times throttled are not possible", c.Temperature, c.Throttled)
	}
	return amounts(c.Load, c.Clock)
}

func (r *Reading) validate() error {
	if err := times("at_s", r.At); err != nil {
		return err
	}
	if err := r.Conditions.validate(); err != nil {
		return err
	}
	for _, p := range r.Power {
		if err := amounts(p.Watts, p.Seconds); err != nil {
			return fmt.Errorf("power: %w", err)
		}
	}
	return nil
}

func powers(list []Power, machines int) error {
	for _, p := range list {
		if p.Machine < 0 || p.Machine >= machines {
			return fmt.Errorf("machine: %d, and the record holds %d", p.Machine, machines)
		}
		if err := amounts(p.Watts, p.Seconds); err != nil {
			return err
		}
	}
	return nil
}

// amounts returns an error for the first value that is negative or not finite.
func amounts(values ...float64) error {
	return notNegative("possible", values)
}
