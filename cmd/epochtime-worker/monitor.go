package main

import (
	"os"
	"time"

	"epochtime/harness/nvml"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// shortestReading is the least time between readings of the accelerators.
const shortestReading = 50 * time.Millisecond

// monitor reads the accelerators again and again, and once more when it is asked to stop.
func (w *worker) monitor() error {
	d, err := nvml.Open()
	if err != nil {
		return protocol.Fail(protocol.CodeDevice, err, "")
	}
	defer d.Close()
	every := time.NewTicker(max(shortestReading, time.Duration(w.job.Every*float64(time.Second))))
	defer every.Stop()
	for {
		r := d.Read(time.Now())
		if err := w.events.Send(protocol.Event{Event: protocol.EventReading, Reading: &r}); err != nil {
			return err
		}
		if w.ctx.Err() != nil {
			return nil
		}
		select {
		case <-w.ctx.Done():
		case <-every.C:
		}
	}
}

// accelerators describes NVIDIA's of this machine; nil where there are none.
func accelerators() []record.GPU {
	d, err := nvml.Open()
	if err != nil {
		return nil
	}
	defer d.Close()
	return d.GPUs()
}

// reserved returns the memory that this process took on accelerators. Where it trains on
// another device, none is asked.
func (w *worker) reserved() []record.DeviceMemory {
	if w.job.Config.Device == "cpu" {
		return nil
	}
	d, err := nvml.Open()
	if err != nil {
		return nil
	}
	defer d.Close()
	return d.Reserved(os.Getpid())
}
