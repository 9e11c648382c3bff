// Package nvml reads NVIDIA's accelerators through the library of their driver, which is
// loaded when it is opened. Where there is no driver, that is an error and nothing else.
package nvml

import (
	"errors"
	"fmt"
	"strings"

	"github.com/NVIDIA/go-nvml/pkg/nvml"

	"epochtime/harness/record"
)

// ErrNone means that no accelerator can be read. Its text says why.
var ErrNone = errors.New("no NVIDIA GPU can be read here")

// Driver is an open driver with its accelerators. It is not for concurrent use.
type Driver struct {
	api     nvml.Interface
	version string
	cuda    string
	gpus    []*gpu
	lacks   map[string]bool // functions of the library, by name
}

// gpu is an accelerator, with what was read of it.
type gpu struct {
	device nvml.Device
	meter  meter
	gone   error // why it can be read no more
}

// Open loads the driver's library, and finds its accelerators. The error is ErrNone.
func Open() (*Driver, error) { return open(nvml.New()) }

func open(api nvml.Interface) (*Driver, error) {
	if ret := api.Init(); ret != nvml.SUCCESS {
		return nil, fmt.Errorf("%w: loading the driver's library: %w", ErrNone, ret)
	}
	d := &Driver{api: api, lacks: map[string]bool{}}
	d.version, _ = known(api.SystemGetDriverVersion())
	if v, ok := known(api.SystemGetCudaDriverVersion()); ok {
		d.cuda = fmt.Sprintf("%d.%d", v/1000, v%1000/10)
	}
	count, ret := api.DeviceGetCount()
	if ret != nvml.SUCCESS {
		d.Close()
		return nil, fmt.Errorf("%w: counting them: %w", ErrNone, ret)
	}
	for i := range count {
		g := &gpu{}
		if g.device, ret = api.DeviceGetHandleByIndex(i); ret != nvml.SUCCESS {
			g.gone = ret
		}
		d.gpus = append(d.gpus, g)
	}
	if len(d.gpus) == 0 {
		d.Close()
		return nil, fmt.Errorf("%w: the driver has none", ErrNone)
	}
	return d, nil
}

// Close closes the driver.
func (d *Driver) Close() {
	if d != nil {
		d.api.Shutdown()
	}
}

// known returns what a call of the library returned, and whether it succeeded.
func known[T any](v T, ret nvml.Return) (T, bool) { return v, ret == nvml.SUCCESS }

// has reports whether the driver's library has a function. To call one that is missing
// ends the process.
func (d *Driver) has(function string) bool {
	lacks, looked := d.lacks[function]
	if !looked {
		lacks = d.api.Extensions().LookupSymbol(function) != nil
		d.lacks[function] = lacks
	}
	return !lacks
}

// GPUs describes the accelerators, in the driver's order, which is that of the bus. What
// the driver does not tell is empty or 0.
func (d *Driver) GPUs() []record.GPU {
	if d == nil {
		return nil
	}
	out := make([]record.GPU, len(d.gpus))
	for i, g := range d.gpus {
		out[i] = record.GPU{Driver: d.version, CUDA: d.cuda}
		if g.gone != nil {
			continue
		}
		out[i].Model, _ = known(g.device.GetName())
		if m, ok := known(g.device.GetMemoryInfo()); ok {
			out[i].MemoryBytes = m.Total
		}
		if d.has("nvmlDeviceGetEnforcedPowerLimit") {
			mw, _ := known(g.device.GetEnforcedPowerLimit())
			out[i].PowerLimit = float64(mw) / 1000
		}
		if d.has("nvmlDeviceGetMaxClockInfo") {
			mhz, _ := known(g.device.GetMaxClockInfo(nvml.CLOCK_SM))
			out[i].MaxClock = float64(mhz)
		}
	}
	return out
}

// notAvailable is the memory of a process that the driver cannot tell.
const notAvailable = ^uint64(0)

// Reserved returns the memory that a process took from the driver on each accelerator on
// which it took any. That is more than it uses: TensorFlow takes most of the memory as it
// starts. The driver knows processes by their numbers outside of containers.
func (d *Driver) Reserved(pid int) []record.DeviceMemory {
	if d == nil || !d.has("nvmlDeviceGetComputeRunningProcesses") {
		return nil
	}
	var out []record.DeviceMemory
	for i, g := range d.gpus {
		if g.gone != nil {
			continue
		}
		list, _ := known(g.device.GetComputeRunningProcesses())
		for _, p := range list {
			if int(p.Pid) == pid && p.UsedGpuMemory != notAvailable && p.UsedGpuMemory > 0 {
				out = append(out, record.DeviceMemory{Device: fmt.Sprintf("GPU:%d", i), Reserved: p.UsedGpuMemory})
			}
		}
	}
	return out
}

// text is an error of the library for people. Without the library it is a name.
func text(err error) string { return strings.ToLower(strings.ReplaceAll(err.Error(), "_", " ")) }
