package scripted

import (
	"strconv"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// have makes hello name so many accelerators.
func (w *worker) have(number string) error {
	n, err := strconv.Atoi(number)
	for range n {
		w.gpus = append(w.gpus, record.GPU{Model: "Scripted GPU", MemoryBytes: 80 << 30, Driver: "580.65.06"})
	}
	return err
}

// read sends a reading of the accelerators, of which each took so many joules.
func (w *worker) read(joules string) error {
	numbers, err := floats(joules)
	if err != nil {
		return err
	}
	r := &protocol.Reading{}
	for range w.gpus {
		r.GPUs = append(r.GPUs, record.GPUCondition{Clock: 1755, Temperature: 61, Power: 300, Throttled: []string{record.ThrottleHeat}})
		m := protocol.Meter{}
		if len(numbers) > 0 {
			m = protocol.Meter{Source: record.EnergyNVML, Joules: numbers[0]}
		}
		r.Energy = append(r.Energy, m)
	}
	return w.send(protocol.Event{Event: protocol.EventReading, Reading: r})
}
