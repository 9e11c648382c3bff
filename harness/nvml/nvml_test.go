package nvml

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/NVIDIA/go-nvml/pkg/nvml/mock"
	"github.com/google/go-cmp/cmp"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// card is an accelerator that a driver simulates.
type card struct {
	millijoules uint64
	milliwatts  uint32
	bits        uint64
	counts      nvml.Return // of reading the counter
	gone        bool
}

func (c *card) device() *mock.Device {
	ret := func() nvml.Return {
		if c.gone {
			return nvml.ERROR_GPU_IS_LOST
		}
		return nvml.SUCCESS
	}
	return &mock.Device{
		GetNameFunc:               func() (string, nvml.Return) { return "Some GPU", ret() },
		GetMemoryInfoFunc:         func() (nvml.Memory, nvml.Return) { return nvml.Memory{Total: 80 << 30, Used: 3 << 30}, ret() },
		GetEnforcedPowerLimitFunc: func() (uint32, nvml.Return) { return 700_000, ret() },
		GetMaxClockInfoFunc:       func(nvml.ClockType) (uint32, nvml.Return) { return 1980, ret() },
		GetClockInfoFunc: func(of nvml.ClockType) (uint32, nvml.Return) {
			if of == nvml.CLOCK_MEM {
				return 2619, ret()
			}
			return 1755, ret()
		},
		GetTemperatureFunc:                  func(nvml.TemperatureSensors) (uint32, nvml.Return) { return 61, ret() },
		GetPowerUsageFunc:                   func() (uint32, nvml.Return) { return c.milliwatts, ret() },
		GetCurrentClocksThrottleReasonsFunc: func() (uint64, nvml.Return) { return c.bits, ret() },
		GetTotalEnergyConsumptionFunc:       func() (uint64, nvml.Return) { return c.millijoules, c.counts },
		GetComputeRunningProcessesFunc: func() ([]nvml.ProcessInfo, nvml.Return) {
			return []nvml.ProcessInfo{{Pid: 1, UsedGpuMemory: 1 << 30}, {Pid: 42, UsedGpuMemory: 76 << 30}, {Pid: 43, UsedGpuMemory: notAvailable}}, ret()
		},
	}
}

// driver has some cards, and lacks some functions of its library.
func driver(cards []*card, lacks ...string) *mock.Interface {
	return &mock.Interface{
		InitFunc:                       func() nvml.Return { return nvml.SUCCESS },
		ShutdownFunc:                   func() nvml.Return { return nvml.SUCCESS },
		SystemGetDriverVersionFunc:     func() (string, nvml.Return) { return "580.65.06", nvml.SUCCESS },
		SystemGetCudaDriverVersionFunc: func() (int, nvml.Return) { return 13010, nvml.SUCCESS },
		DeviceGetCountFunc:             func() (int, nvml.Return) { return len(cards), nvml.SUCCESS },
		DeviceGetHandleByIndexFunc:     func(i int) (nvml.Device, nvml.Return) { return cards[i].device(), nvml.SUCCESS },
		ExtensionsFunc: func() nvml.ExtendedInterface {
			return &mock.ExtendedInterface{LookupSymbolFunc: func(name string) error {
				if strings.Contains(strings.Join(lacks, " "), name) {
					return errors.New("undefined symbol")
				}
				return nil
			}}
		},
	}
}

func opened(t *testing.T, api nvml.Interface) *Driver {
	t.Helper()
	d, err := open(api)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

func TestGPUs(t *testing.T) {
	whole := record.GPU{Model: "Some GPU", MemoryBytes: 80 << 30, Driver: "580.65.06", CUDA: "13.1", PowerLimit: 700, MaxClock: 1980}
	if diff := cmp.Diff([]record.GPU{whole, whole}, opened(t, driver([]*card{{}, {}})).GPUs()); diff != "" {
		t.Error(diff)
	}
	old := whole
	old.PowerLimit, old.MaxClock = 0, 0
	d := opened(t, driver([]*card{{}}, "nvmlDeviceGetEnforcedPowerLimit", "nvmlDeviceGetMaxClockInfo"))
	if diff := cmp.Diff([]record.GPU{old}, d.GPUs()); diff != "" {
		t.Errorf("an old driver: %s", diff)
	}
}

func TestNoDriver(t *testing.T) {
	none := driver(nil)
	none.InitFunc = func() nvml.Return { return nvml.ERROR_LIBRARY_NOT_FOUND }
	odd := driver(nil)
	odd.DeviceGetCountFunc = func() (int, nvml.Return) { return 0, nvml.ERROR_UNKNOWN }
	for name, api := range map[string]nvml.Interface{"no library": none, "no GPU": driver(nil), "no count": odd} {
		if _, err := open(api); !errors.Is(err, ErrNone) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var d *Driver
	d.Close()
	if d.GPUs() != nil || d.Reserved(1) != nil || d.Read(time.Now()).GPUs != nil {
		t.Error("a driver that is not open has accelerators")
	}
}

func TestThisMachine(t *testing.T) {
	d, err := Open() // with the real library, if there is one
	if err != nil && !errors.Is(err, ErrNone) {
		t.Error(err)
	}
	d.Close()
}

func TestRead(t *testing.T) {
	cards := []*card{{millijoules: 5000, milliwatts: 300_000}, {milliwatts: 100_000, counts: nvml.ERROR_NOT_SUPPORTED}, {counts: nvml.ERROR_NOT_SUPPORTED}}
	d := opened(t, driver(cards))
	at := time.Unix(100, 0)
	first := d.Read(at)
	like := record.GPUCondition{Clock: 1755, MemoryClock: 2619, Temperature: 61, Power: 300, MemoryUsed: 3 << 30}
	if diff := cmp.Diff(like, first.GPUs[0]); diff != "" {
		t.Error(diff)
	}
	cards[0].millijoules, cards[1].milliwatts = 605_000, 200_000
	got := d.Read(at.Add(2 * time.Second))
	want := []protocol.Meter{{Source: record.EnergyNVML, Joules: 600}, {Source: record.EnergyPower, Joules: 300}, {}}
	if diff := cmp.Diff(want, got.Energy); diff != "" {
		t.Error(diff)
	}
	if len(got.Unreadable) != 1 || got.Unreadable[0] != "energy of gpu-2: not readable here: neither its counter (error not supported) nor its power" {
		t.Errorf("%q", got.Unreadable)
	}
}

// A driver that lacks the counter is not asked for it.
func TestDriverWithoutCounter(t *testing.T) {
	c := &card{millijoules: 1, milliwatts: 50_000}
	d := opened(t, driver([]*card{c}, "nvmlDeviceGetTotalEnergyConsumption", "nvmlDeviceGetCurrentClocksThrottleReasons", "nvmlDeviceGetComputeRunningProcesses"))
	at := time.Unix(100, 0)
	d.Read(at)
	got := d.Read(at.Add(time.Second))
	if got.Energy[0] != (protocol.Meter{Source: record.EnergyPower, Joules: 50}) || d.Reserved(42) != nil {
		t.Errorf("%+v", got)
	}
	asked := d.gpus[0].device.(*mock.Device)
	if n := len(asked.GetTotalEnergyConsumptionCalls()) + len(asked.GetCurrentClocksThrottleReasonsCalls()) + len(asked.GetComputeRunningProcessesCalls()); n > 0 {
		t.Errorf("it was asked %d times", n)
	}
}

// One that falls off the bus leaves the others, and is not asked again.
func TestFallsOffTheBus(t *testing.T) {
	cards := []*card{{milliwatts: 300_000}, {milliwatts: 300_000}}
	d := opened(t, driver(cards))
	d.Read(time.Unix(100, 0))
	cards[1].gone = true
	for range 2 {
		got := d.Read(time.Unix(101, 0))
		if len(got.GPUs) != 2 || got.GPUs[0].Power != 300 || !cmp.Equal(got.GPUs[1], record.GPUCondition{}) || got.Energy[0].Source != record.EnergyNVML || got.Energy[1].Source != "" {
			t.Errorf("%+v", got)
		}
		if len(got.Unreadable) != 1 || !strings.HasPrefix(got.Unreadable[0], "gpu-1: not readable any more: ") {
			t.Errorf("%q", got.Unreadable)
		}
	}
	if n := len(d.gpus[1].device.(*mock.Device).GetClockInfoCalls()); n != 3 {
		t.Errorf("its clock was read %d times", n)
	}
	if list := d.Reserved(42); len(list) != 1 {
		t.Errorf("%+v", list)
	}
	if g := d.GPUs(); len(g) != 2 || g[1].Model != "" {
		t.Errorf("%+v", g)
	}
}

// A counter that stops, or goes back, counts no more.
func TestCounterFails(t *testing.T) {
	for want, fail := range map[string]func(*card){
		"its counter went back":              func(c *card) { c.millijoules = 10 },
		"its counter stopped: error unknown": func(c *card) { c.counts = nvml.ERROR_UNKNOWN },
	} {
		c := &card{millijoules: 5000, milliwatts: 1000}
		d := opened(t, driver([]*card{c}))
		d.Read(time.Unix(100, 0))
		fail(c)
		d.Read(time.Unix(101, 0))
		c.millijoules, c.counts = 9000, nvml.SUCCESS
		got := d.Read(time.Unix(102, 0))
		if got.Energy[0].Source != "" || len(got.Unreadable) != 1 || !strings.HasSuffix(got.Unreadable[0], want) {
			t.Errorf("%s: %+v", want, got)
		}
	}
	c := &card{milliwatts: 1000, counts: nvml.ERROR_NOT_SUPPORTED}
	d := opened(t, driver([]*card{c}))
	d.Read(time.Unix(100, 0))
	c.milliwatts = 0
	if got := d.Read(time.Unix(101, 0)); got.Energy[0].Source != "" || len(got.Unreadable) != 1 {
		t.Errorf("its power vanishes: %+v", got)
	}
}

func TestThrottled(t *testing.T) {
	for bits, want := range map[uint64]string{
		0: "", nvml.ClocksThrottleReasonGpuIdle: "", nvml.ClocksThrottleReasonApplicationsClocksSetting: "",
		nvml.ClocksThrottleReasonSwPowerCap:                      "its limit of power",
		hardware | nvml.ClocksThrottleReasonHwThermalSlowdown:    "heat",
		hardware | nvml.ClocksThrottleReasonHwPowerBrakeSlowdown: "the power supply",
		hardware: "other reasons",
		nvml.ClocksThrottleReasonSwPowerCap | nvml.ClocksThrottleReasonSwThermalSlowdown: "its limit of power, heat",
	} {
		if got := strings.Join(throttled(bits), ", "); got != want {
			t.Errorf("%#x: %q, want %q", bits, got, want)
		}
	}
}

func TestReserved(t *testing.T) {
	d := opened(t, driver([]*card{{}, {}}))
	want := []record.DeviceMemory{{Device: "GPU:0", Reserved: 76 << 30}, {Device: "GPU:1", Reserved: 76 << 30}}
	if diff := cmp.Diff(want, d.Reserved(42)); diff != "" {
		t.Error(diff)
	}
	if list := d.Reserved(43); list != nil {
		t.Errorf("the driver does not tell: %+v", list)
	}
}
