package process

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of times in /proc: Linux tells programs hundredths of a second,
// whatever its own clock is.
const tick = 10 * time.Millisecond

// Age returns how long this process has run, to a hundredth of a second, and 0 where the
// system does not tell.
func Age() time.Duration {
	uptime, err := os.ReadFile("/proc/uptime")
	if err != nil {
		return 0
	}
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0
	}
	return age(string(uptime), string(stat))
}

// age computes Age of the two files. The second field of stat, the program's name, may
// have spaces and brackets in it.
func age(uptime, stat string) time.Duration {
	const started = 19 // field 22, counted behind the name
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	since := strings.Fields(uptime)
	if len(fields) <= started || len(since) == 0 {
		return 0
	}
	begin, err1 := strconv.ParseInt(fields[started], 10, 64)
	now, err2 := strconv.ParseFloat(since[0], 64)
	if err1 != nil || err2 != nil || !(now >= 0 && now < 1e9) || begin < 0 || begin > 1e11 {
		return 0
	}
	return max(0, time.Duration(now*float64(time.Second))-time.Duration(begin)*tick)
}
