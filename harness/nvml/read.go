package nvml

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/NVIDIA/go-nvml/pkg/nvml"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// reasons are the words for the bits by which the driver says why clocks are low. Bits
// for an idle accelerator, and for clocks that were set, are no throttling.
var reasons = []struct {
	bits uint64
	word string
}{
	{nvml.ClocksThrottleReasonSwPowerCap, record.ThrottlePower},
	{nvml.ClocksThrottleReasonSwThermalSlowdown | nvml.ClocksThrottleReasonHwThermalSlowdown, record.ThrottleHeat},
	{nvml.ClocksThrottleReasonHwPowerBrakeSlowdown, record.ThrottleBrake},
}

// hardware is set beside the bit of the reason, or alone.
const hardware = nvml.ClocksThrottleReasonHwSlowdown

// throttled returns the reasons in words.
func throttled(bits uint64) []string {
	var out []string
	for _, r := range reasons {
		if bits&r.bits != 0 {
			out = append(out, r.word)
		}
	}
	explained := slices.Contains(out, record.ThrottleHeat) || slices.Contains(out, record.ThrottleBrake)
	if bits&hardware != 0 && !explained {
		out = append(out, record.ThrottleOther)
	}
	return out
}

// Read reads what the accelerators are like at a time, and what they took since the first
// reading. What cannot be read of one is 0, and its energy has no source; the reading
// says why.
func (d *Driver) Read(at time.Time) protocol.Reading {
	var out protocol.Reading
	if d == nil {
		return out
	}
	for i, g := range d.gpus {
		c := d.condition(g)
		out.GPUs = append(out.GPUs, c)
		if g.gone != nil {
			out.Energy = append(out.Energy, protocol.Meter{})
			out.Unreadable = append(out.Unreadable, fmt.Sprintf("gpu-%d: not readable any more: %s", i, text(g.gone)))
			continue
		}
		m, err := d.energy(g, c.Power, at)
		out.Energy = append(out.Energy, m)
		if err != nil {
			out.Unreadable = append(out.Unreadable, fmt.Sprintf("energy of gpu-%d: not readable here: %s", i, text(err)))
		}
	}
	return out
}

// condition reads what an accelerator is like. One that is lost is so for good.
func (d *Driver) condition(g *gpu) record.GPUCondition {
	var c record.GPUCondition
	if g.gone != nil {
		return c
	}
	clock, ret := g.device.GetClockInfo(nvml.CLOCK_SM)
	if lost(ret) {
		g.gone = ret
		return c
	}
	c.Clock = float64(clock)
	memory, _ := known(g.device.GetClockInfo(nvml.CLOCK_MEM))
	heat, _ := known(g.device.GetTemperature(nvml.TEMPERATURE_GPU))
	c.MemoryClock, c.Temperature = float64(memory), float64(heat)
	if mw, ok := known(g.device.GetPowerUsage()); ok {
		c.Power = float64(mw) / 1000
	}
	if m, ok := known(g.device.GetMemoryInfo()); ok {
		c.MemoryUsed = m.Used
	}
	if d.has("nvmlDeviceGetCurrentClocksThrottleReasons") {
		bits, _ := known(g.device.GetCurrentClocksThrottleReasons())
		c.Throttled = throttled(bits)
	}
	return c
}

// lost reports whether an accelerator is gone until the machine restarts.
func lost(ret nvml.Return) bool {
	return ret == nvml.ERROR_GPU_IS_LOST || ret == nvml.ERROR_RESET_REQUIRED || ret == nvml.ERROR_UNINITIALIZED
}

// meter is what an accelerator took: by its counter, or else by its power, summed over
// time.
type meter struct {
	source string // empty: nothing was read yet
	first  uint64 // mJ of the counter
	joules float64
	watts  float64 // when it was read last
	at     time.Time
	broken error // why it counts no more
}

// energy returns what an accelerator took until now, at its present power.
func (d *Driver) energy(g *gpu, watts float64, at time.Time) (protocol.Meter, error) {
	m := &g.meter
	if m.broken != nil {
		return protocol.Meter{}, m.broken
	}
	counter, ret := uint64(0), nvml.ERROR_FUNCTION_NOT_FOUND
	if d.has("nvmlDeviceGetTotalEnergyConsumption") {
		counter, ret = g.device.GetTotalEnergyConsumption()
	}
	switch {
	case m.source == "" && ret == nvml.SUCCESS:
		m.source, m.first = record.EnergyNVML, counter
	case m.source == "" && watts > 0:
		m.source = record.EnergyPower
	case m.source == "":
		m.broken = fmt.Errorf("neither its counter (%w) nor its power", ret)
	case m.source == record.EnergyNVML && ret != nvml.SUCCESS:
		m.broken = fmt.Errorf("its counter stopped: %w", ret)
	case m.source == record.EnergyNVML && counter < m.first:
		m.broken = errors.New("its counter went back")
	case m.source == record.EnergyNVML:
		m.joules = float64(counter-m.first) / 1000
	case watts <= 0:
		m.broken = errors.New("its power cannot be read any more")
	default:
		m.joules += (m.watts + watts) / 2 * at.Sub(m.at).Seconds()
	}
	if m.broken != nil {
		return protocol.Meter{}, m.broken
	}
	m.watts, m.at = watts, at
	return protocol.Meter{Source: m.source, Joules: m.joules}, nil
}
