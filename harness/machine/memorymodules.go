package machine

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// modules returns the type and the speed, in millions of transfers a second, of the
// memory modules: of the slowest, if they differ. udev's database of the firmware's
// tables is open to all; the tables themselves are root's.
func (s system) modules() (kind string, speed int) {
	if kind, speed = udevModules(s.text("run/udev/data/+dmi:id")); kind != "" || speed > 0 {
		return kind, speed
	}
	table, err := os.ReadFile(filepath.Join(s.root, "sys/firmware/dmi/tables/DMI"))
	if err != nil {
		return "", 0
	}
	return smbiosModules(table)
}

// udevModules reads lines such as E:MEMORY_DEVICE_0_TYPE=DDR5.
func udevModules(text string) (kind string, speed int) {
	rated := 0
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		name, ok := strings.CutPrefix(name, "E:MEMORY_DEVICE_")
		_, name, numbered := strings.Cut(name, "_")
		if !ok || !numbered {
			continue
		}
		n, _ := strconv.Atoi(value) // 0 is not known
		switch {
		case name == "TYPE" && kind == "" && isMemoryType(value):
			kind = value
		case name == "CONFIGURED_SPEED_MTS":
			speed = slower(speed, n)
		case name == "SPEED_MTS":
			rated = slower(rated, n)
		}
	}
	return kind, cmp.Or(speed, rated)
}

// isMemoryType reports whether text is a type, and no word for none.
func isMemoryType(text string) bool {
	return text != "" && text != "Unknown" && text != "Other" && text != "RAM" && text != "DRAM"
}

func slower(a, b int) int {
	switch {
	case b <= 0:
		return a
	case a == 0:
		return b
	}
	return min(a, b)
}

// Structures of SMBIOS and fields of one for a memory device (SMBIOS 3.7, 7.18).
const (
	smbiosMemory     = 17
	smbiosEnd        = 127
	fieldSize        = 0x0C
	fieldType        = 0x12
	fieldSpeed       = 0x15
	fieldConfigured  = 0x20
	smallestOfHeader = 4
	extended         = 0xFFFF // as a speed: it is told elsewhere
)

// memoryTypes are those of SMBIOS that computers still have.
var memoryTypes = map[byte]string{
	0x18: "DDR3", 0x1A: "DDR4", 0x1B: "LPDDR", 0x1C: "LPDDR2", 0x1D: "LPDDR3", 0x1E: "LPDDR4", 0x20: "HBM", 0x21: "HBM2", 0x22: "DDR5", 0x23: "LPDDR5", 0x24: "HBM3",
}

// smbiosModules reads the firmware's table. One that is cut off or damaged is read up to
// there.
func smbiosModules(table []byte) (kind string, speed int) {
	for len(table) >= smallestOfHeader && table[0] != smbiosEnd {
		length := int(table[1])
		if length < smallestOfHeader || length > len(table) {
			break
		}
		if table[0] == smbiosMemory {
			k, n := smbiosModule(table[:length])
			kind, speed = cmp.Or(kind, k), slower(speed, n)
		}
		end := bytes.Index(table[length:], []byte{0, 0}) // of the strings that follow
		if end < 0 {
			break
		}
		table = table[length+end+2:]
	}
	return kind, speed
}

// smbiosModule returns the type and speed of one module; 0 is an empty place.
func smbiosModule(m []byte) (kind string, speed int) {
	word := func(at int) int {
		if at+2 > len(m) {
			return 0
		}
		return int(binary.LittleEndian.Uint16(m[at:]))
	}
	if len(m) <= fieldType || word(fieldSize) == 0 {
		return "", 0
	}
	return memoryTypes[m[fieldType]], cmp.Or(word(fieldConfigured)%extended, word(fieldSpeed)%extended)
}
