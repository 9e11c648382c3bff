package monitor

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"epochtime/harness/record"
)

// mostClocks is how many cores' clocks are read. All of them take long on a machine of
// many, and their mean hardly differs.
const mostClocks = 16

// sensors are the files that tell the conditions of a machine.
type sensors struct {
	root         string
	clocks       []string
	temperatures []string
	throttles    []string
	missing      []string // what cannot be read, and why
}

// findSensors finds the sensors of the system with that root folder.
func findSensors(root string) sensors {
	s := sensors{root: root}
	s.clocks = spread(s.glob("sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_cur_freq"), mostClocks)
	s.temperatures = s.thermometers()
	s.throttles = s.throttleCounts()
	if len(s.clocks) == 0 && s.clock() == 0 {
		s.missing = append(s.missing, "clock: not readable here: neither /sys/devices/system/cpu nor /proc/cpuinfo has it")
	}
	if len(s.temperatures) == 0 {
		s.missing = append(s.missing, "temperature: not readable here: neither /sys/class/hwmon nor /sys/class/thermal has a sensor of the CPU")
	}
	return s
}

// read reads what the machine is like now. What cannot be read is 0.
func (s sensors) read() record.Conditions {
	c := record.Conditions{Clock: s.clock()}
	if fields := strings.Fields(s.text("proc/loadavg")); len(fields) > 0 {
		c.Load, _ = strconv.ParseFloat(fields[0], 64)
	}
	for _, path := range s.temperatures {
		c.Temperature = max(c.Temperature, value(path)/1000)
	}
	for _, path := range s.throttles {
		c.Throttled += int64(value(path))
	}
	return c
}

// clock returns the mean clock of the cores, in MHz.
func (s sensors) clock() float64 {
	var sum, n float64
	for _, path := range s.clocks {
		if khz := value(path); khz > 0 {
			sum, n = sum+khz/1000, n+1
		}
	}
	if len(s.clocks) == 0 {
		for line := range strings.Lines(s.text("proc/cpuinfo")) {
			name, text, _ := strings.Cut(line, ":")
			if strings.TrimSpace(name) != "cpu MHz" {
				continue
			}
			if mhz, err := strconv.ParseFloat(strings.TrimSpace(text), 64); err == nil && mhz > 0 {
				sum, n = sum+mhz, n+1
			}
		}
	}
	return sum / max(n, 1)
}

// chips are the names of sensors that are in a CPU, and zones the types of zones that
// are one.
var (
	chips = []string{"coretemp", "k10temp", "zenpower", "cpu_thermal", "cputhermal"}
	zones = []string{"x86_pkg_temp", "cpu-thermal", "cpu_thermal", "soc_thermal"}
)

// thermometers returns the files of the CPU's temperatures.
func (s sensors) thermometers() []string {
	var out []string
	for _, name := range s.glob("sys/class/hwmon/hwmon*/name") {
		if !slices.Contains(chips, strings.TrimSpace(read(name))) {
			continue
		}
		inputs, _ := filepath.Glob(filepath.Join(filepath.Dir(name), "temp*_input")) // the pattern is valid
		labels := map[string]string{}
		for _, path := range inputs {
			labels[strings.TrimSpace(read(strings.TrimSuffix(path, "input")+"label"))] = path
		}
		if die, control := labels["Tdie"], labels["Tctl"]; die != "" { // Tctl has an offset then
			inputs = slices.DeleteFunc(inputs, func(path string) bool { return path == control })
		}
		out = append(out, inputs...)
	}
	if len(out) > 0 {
		return out
	}
	for _, kind := range s.glob("sys/class/thermal/thermal_zone*/type") {
		if slices.Contains(zones, strings.TrimSpace(read(kind))) {
			out = append(out, filepath.Join(filepath.Dir(kind), "temp"))
		}
	}
	return out
}

// throttleCounts returns the files that count how often heat slowed a core or a package,
// each once: the threads of a core, and the cores of a package, share them.
func (s sensors) throttleCounts() []string {
	seen := map[string]bool{}
	var out []string
	for _, path := range s.glob("sys/devices/system/cpu/cpu[0-9]*/thermal_throttle/*_throttle_count") {
		cpu := filepath.Dir(filepath.Dir(path))
		topology := func(name string) string {
			return cmp.Or(strings.TrimSpace(read(filepath.Join(cpu, "topology", name))), cpu)
		}
		kind := strings.TrimSuffix(filepath.Base(path), "_throttle_count")
		of := kind + " " + topology("physical_package_id")
		if kind == "core" {
			of += " " + topology("core_id")
		}
		if !seen[of] {
			seen[of] = true
			out = append(out, path)
		}
	}
	return out
}

func (s sensors) glob(pattern string) []string {
	found, _ := filepath.Glob(filepath.Join(s.root, pattern)) // the pattern is valid
	return found
}

func (s sensors) text(path string) string { return read(filepath.Join(s.root, path)) }

func read(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(text)
}

// value returns the number in a file; 0 where there is none, or one below.
func value(path string) float64 {
	n, err := strconv.ParseInt(strings.TrimSpace(read(path)), 10, 64)
	if err != nil {
		return 0
	}
	return float64(max(0, n))
}

// spread returns at most n of a list, evenly spread over it.
func spread(list []string, n int) []string {
	if len(list) <= n {
		return list
	}
	out := make([]string, n)
	for i := range out {
		out[i] = list[i*len(list)/n]
	}
	return out
}
