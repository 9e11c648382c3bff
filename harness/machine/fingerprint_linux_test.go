package machine

import (
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/record"
)

var update = flag.Bool("update", false, "write testdata/machines.json anew")

// hardware is what the files of a machine are made of.
type hardware struct {
	sockets, cores, threads, nodes int // per machine, socket, core, machine
	cpuinfo                        string
	caches                         []record.Cache // Count is how many logical cores share one
	memory                         uint64         // KiB
	hidden                         bool           // /sys tells nothing of cores
	files                          map[string]string
	env                            map[string]string
	hypervisor                     string
}

const (
	cpuDir  = "sys/devices/system/cpu/"
	machine = "0123456789abcdef0123456789abcdef\n"
	debian  = "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n"
)

// all returns the files of the machine. Threads of a core are numbered as Linux does on
// x86: the first of each core, then the second.
func (h hardware) all() map[string]string {
	out := map[string]string{"proc/meminfo": fmt.Sprintf("MemTotal: %d kB\nMemFree: 1024 kB\n", h.memory), "etc/os-release": debian}
	total, info := h.sockets*h.cores*h.threads, ""
	for n := range total {
		core := n % (h.sockets * h.cores)
		socket := core / h.cores
		info += fmt.Sprintf("processor\t: %d\n%sphysical id\t: %d\ncore id\t\t: %d\n\n", n, h.cpuinfo, socket, core%h.cores)
		if h.hidden {
			continue
		}
		dir := fmt.Sprintf("%scpu%d/", cpuDir, n)
		siblings := fmt.Sprint(core)
		if h.threads == 2 {
			siblings = fmt.Sprintf("%d,%d", core, core+h.sockets*h.cores)
		}
		out[dir+"topology/core_cpus_list"] = siblings + "\n"
		out[dir+"topology/physical_package_id"] = fmt.Sprintln(socket)
		for i, c := range h.caches {
			at := fmt.Sprintf("%scache/index%d/", dir, i)
			first := core / max(1, c.Count/h.threads) * max(1, c.Count/h.threads)
			out[at+"level"], out[at+"type"] = fmt.Sprintln(c.Level), c.Kind+"\n"
			out[at+"size"], out[at+"shared_cpu_list"] = fmt.Sprintf("%dK\n", c.Bytes>>10), fmt.Sprintf("%d-%d\n", first, first+c.Count-1)
		}
	}
	out["proc/cpuinfo"] = info
	for n := range h.nodes {
		out[fmt.Sprintf("sys/devices/system/node/node%d/cpulist", n)] = "0\n"
	}
	maps.Copy(out, h.files)
	return out
}

func (h hardware) system(t *testing.T) system {
	t.Helper()
	return system{root: tree(t, h.all()), getenv: func(name string) string { return h.env[name] }, hypervisor: h.hypervisor}
}

// dmi are the firmware's strings.
func dmi(vendor, product string, more ...string) map[string]string {
	out := map[string]string{"sys/class/dmi/id/sys_vendor": vendor + "\n", "sys/class/dmi/id/product_name": product + "\n", "etc/machine-id": machine}
	for i := 0; i+1 < len(more); i += 2 {
		out[more[i]] = more[i+1]
	}
	return out
}

const (
	xeon = "vendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz\nflags\t\t: fpu sse4_2 avx avx2 fma f16c avx512f avx512_vnni\n"
	epyc = "vendor_id\t: AuthenticAMD\nmodel name\t: AMD EPYC 7R13 Processor\nflags\t\t: fpu sse4_2 avx avx2 fma f16c hypervisor\n"
	// As Graviton2 has it: no name.
	neoverse = "BogoMIPS\t: 243.75\nFeatures\t: fp asimd asimdhp asimddp\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n"
)

// xeonCaches are those of one core with two threads, and one of a socket of 4 cores.
var xeonCaches = []record.Cache{
	{Level: 1, Kind: "Data", Bytes: 48 << 10, Count: 2}, {Level: 1, Kind: "Instruction", Bytes: 32 << 10, Count: 2},
	{Level: 2, Kind: "Unified", Bytes: 1280 << 10, Count: 2}, {Level: 3, Kind: "Unified", Bytes: 48 << 20, Count: 8},
}

// boxed is a two-socket machine as a container sees it, which may hide /sys.
func boxed(hidden bool, files map[string]string) hardware {
	all := map[string]string{".dockerenv": "", "etc/machine-id": machine}
	maps.Copy(all, files)
	return hardware{sockets: 2, cores: 32, threads: 1, nodes: 2, cpuinfo: xeon, memory: 263_000_000, hidden: hidden, files: all}
}

const dockerRoot = "627 519 0:51 / / rw,relatime master:196 - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/ABC\n"

// machines are real ones, as their files describe them.
func machines() map[string]hardware {
	return map[string]hardware{
		"two sockets, bare metal": {
			sockets: 2, cores: 4, threads: 2, nodes: 2, cpuinfo: xeon, caches: xeonCaches, memory: 263_000_000,
			files: dmi("Dell Inc.", "PowerEdge R750", cpuDir+"intel_pstate/no_turbo", "0\n", cpuDir+"smt/active", "1\n", cpuDir+"cpu0/cpufreq/scaling_governor", "performance\n",
				"run/udev/data/+dmi:id", "E:MEMORY_DEVICE_0_TYPE=DDR4\nE:MEMORY_DEVICE_0_SPEED_MTS=3200\nE:MEMORY_DEVICE_0_CONFIGURED_SPEED_MTS=2933\nE:MEMORY_DEVICE_0_SERIAL_NUMBER=80AD0123\n"),
		},
		"EPYC, virtual": {
			sockets: 1, cores: 4, threads: 2, nodes: 1, cpuinfo: epyc, memory: 32_000_000, hypervisor: "kvm",
			files: dmi("QEMU", "Standard PC (Q35 + ICH9, 2009)", cpuDir+"smt/active", "1\n"),
		},
		"AWS": {
			sockets: 1, cores: 4, threads: 2, nodes: 1, cpuinfo: epyc, memory: 31_900_000,
			files: dmi("Amazon EC2", "c6a.4xlarge", "sys/class/dmi/id/board_asset_tag", "i-0b6801031945d832a\n"),
		},
		"AWS, bare metal": {
			sockets: 2, cores: 4, threads: 2, nodes: 2, cpuinfo: xeon, memory: 263_000_000, files: dmi("Amazon EC2", "c6i.metal"),
		},
		"AWS, Graviton": {
			sockets: 1, cores: 4, threads: 1, nodes: 1, cpuinfo: neoverse, memory: 32_000_000, files: dmi("Amazon EC2", "m6g.4xlarge"),
		},
		"Google": {
			sockets: 1, cores: 2, threads: 2, nodes: 1, cpuinfo: epyc, memory: 16_000_000, files: dmi("Google", "Google Compute Engine"),
		},
		"Azure": {
			sockets: 1, cores: 2, threads: 2, nodes: 1, cpuinfo: epyc, memory: 16_000_000, hypervisor: "hyper-v",
			files: dmi("Microsoft Corporation", "Virtual Machine", "sys/class/dmi/id/chassis_asset_tag", azureTag+"\n"),
		},
		"docker, quota by version 2": boxed(false, map[string]string{
			"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "200000 100000\n", "sys/fs/cgroup/memory.max": "8589934592\n", "proc/self/mountinfo": dockerRoot,
		}),
		"docker, quota by version 1": boxed(true, map[string]string{
			"proc/self/cgroup":                   "5:cpu,cpuacct:/docker/x\n4:memory:/docker/x\n",
			"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "200000\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "8589934592\n",
		}),
		"docker, the host's id mounted": boxed(true, map[string]string{
			"proc/self/mountinfo": dockerRoot + "700 627 8:1 /etc/machine-id /etc/machine-id ro,relatime - ext4 /dev/sda1 rw\n",
		}),
		"gVisor, without /sys": {
			sockets: 1, cores: 4, threads: 1, cpuinfo: epyc, memory: 8_000_000, hidden: true,
			files: map[string]string{"proc/cmdline": "BOOT_IMAGE=/vmlinuz-4.4.0-gvisor quiet\n", ".dockerenv": ""},
		},
		"no files at all":              {},
		"a disk made of a container's": {sockets: 1, cores: 2, threads: 1, cpuinfo: epyc, memory: 4_000_000, files: map[string]string{".dockerenv": "", "proc/self/mountinfo": "27 1 254:0 / / rw - ext4 /dev/vda rw\n"}},
	}
}

// TestMachines compares the fingerprints of machines, and what of them is missing, with
// testdata/machines.json.
func TestMachines(t *testing.T) {
	type view struct {
		Machine record.Machine
		Type    string
		Missing []string
	}
	const golden = "testdata/machines.json"
	got := map[string]view{}
	for name, h := range machines() {
		s := h.system(t)
		m := s.fingerprint()
		m.Hostname, m.Cores, m.OS = "lab", max(1, h.sockets*h.cores*h.threads), ""
		m.ID = s.id(m)
		got[name] = view{m, m.Type(), Missing(m)}
	}
	text, err := json.MarshalIndent(got, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(string(want)) != string(text) {
		t.Errorf("the fingerprints are\n%s", text)
	}
	for _, serial := range []string{"80AD0123", "i-0b6801031945d832a", strings.TrimSpace(machine)} {
		if strings.Contains(string(text), serial) {
			t.Errorf("a fingerprint has %q in it", serial)
		}
	}
}

// TestHidden gives a fingerprint files that are no files, cannot be opened, or are
// damaged.
func TestHidden(t *testing.T) {
	h := machines()["two sockets, bare metal"]
	h.cores = 1
	for _, damage := range []string{"", "\x00\xff", "-1", strings.Repeat("9", 400), "K", "cpu", "\n\n - - \n"} {
		files := h.all()
		for name := range files {
			files[name] = damage
		}
		s := system{root: tree(t, files), getenv: func(string) string { return damage }}
		m := s.fingerprint()
		if m.ID = s.id(m); m.ID != "" || len(m.Caches) != 0 || m.Boost+m.SMT != "" || m.MemorySpeed != 0 {
			t.Errorf("of %q it made %+v", damage, m)
		}
		if err := (&record.Record{Schema: record.Schema, ID: "x", Status: record.Complete, Plan: record.Plan{Kind: record.KindRun}, Machines: []record.Machine{m}}).Validate(); err != nil {
			t.Errorf("of %q it made what no record holds: %v", damage, err)
		}
	}
	root := tree(t, h.all())
	for _, dir := range []string{"sys", "proc"} {
		if err := os.RemoveAll(filepath.Join(root, dir)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, dir), nil, 0o000); err != nil {
			t.Fatal(err)
		}
	}
	m := system{root: root, getenv: func(string) string { return "" }}.fingerprint()
	said := strings.Join(Missing(m), "; ")
	for _, what := range []string{"CPU", "sockets", "physical cores", "NUMA", "caches", "memory", "governor", "boost", "SMT"} {
		if !strings.Contains(said, what) {
			t.Errorf("without /sys and /proc, what is missing is %q, without %s", said, what)
		}
	}
}

func TestContainer(t *testing.T) {
	for name, c := range map[string]struct {
		files, env map[string]string
		want       string
	}{
		"nothing":                 {nil, nil, ""},
		"docker":                  {map[string]string{".dockerenv": ""}, nil, "docker"},
		"docker on overlay":       {map[string]string{".dockerenv": "", "proc/self/mountinfo": dockerRoot}, nil, "docker"},
		"overlay alone":           {map[string]string{"proc/self/mountinfo": dockerRoot}, nil, "docker"},
		"docker on a device":      {map[string]string{".dockerenv": "", "proc/self/mountinfo": "1 2 253:1 /rootfs / rw - ext4 /dev/mapper/docker-8:1-1 rw\n"}, nil, "docker"},
		"podman":                  {map[string]string{"run/.containerenv": "engine=\"podman\"\n"}, nil, "podman"},
		"podman by its variable":  {nil, map[string]string{"container": "podman"}, "podman"},
		"nspawn":                  {map[string]string{"run/systemd/container": "systemd-nspawn\n"}, nil, "systemd-nspawn"},
		"lxc by its group":        {map[string]string{"proc/self/cgroup": "4:memory:/lxc/c1\n"}, nil, "lxc"},
		"kubernetes":              {map[string]string{".dockerenv": ""}, map[string]string{"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "kubernetes"},
		"kubernetes by its group": {map[string]string{"proc/self/cgroup": "0::/kubepods.slice/kubepods-burstable.slice/x\n"}, nil, "kubernetes"},
		"containerd":              {map[string]string{"proc/self/mountinfo": "1 2 0:1 / / rw - overlay overlay rw,lowerdir=/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/1/fs\n"}, nil, "containerd"},
		"apptainer":               {nil, map[string]string{"APPTAINER_CONTAINER": "/x.sif"}, "apptainer"},
		"wsl":                     {map[string]string{"proc/sys/kernel/osrelease": "5.15.90.1-microsoft-standard-WSL2\n"}, nil, "wsl"},
		"openvz":                  {map[string]string{"proc/vz/x": ""}, nil, "openvz"},
		"openvz's host":           {map[string]string{"proc/vz/x": "", "proc/bc/x": ""}, nil, ""},
		"a service of docker":     {map[string]string{"proc/self/cgroup": "0::/system.slice/docker.service\n"}, nil, ""},
		"what is no kind":         {map[string]string{"run/systemd/container": "\x1b[31m\n"}, map[string]string{"container": "yes"}, ""},
	} {
		s := system{root: tree(t, c.files), getenv: func(name string) string { return c.env[name] }}
		if got := s.container(); got != c.want {
			t.Errorf("%s: the container is %q, want %q", name, got, c.want)
		}
	}
}

func TestProduct(t *testing.T) {
	for want, files := range map[string]map[string]string{
		"":                               {"sys/class/dmi/id/sys_vendor": "To Be Filled By O.E.M.\n", "sys/class/dmi/id/product_name": "Default string\n"},
		"AWS m7i.xlarge":                 dmi("Amazon EC2", "m7i.xlarge"),
		"AWS (Xen)":                      dmi("Xen", "HVM domU", "sys/class/dmi/id/bios_version", "4.11.amazon\n"),
		"Oracle Cloud Standard PC":       dmi("QEMU", "Standard PC", "sys/class/dmi/id/chassis_asset_tag", "OracleCloud.com\n"),
		"Hetzner vServer":                dmi("Hetzner", "vServer"),
		"ASUSTeK COMPUTER INC. PRIME":    dmi("System manufacturer", "System Product Name", "sys/class/dmi/id/board_vendor", "ASUSTeK COMPUTER INC.\n", "sys/class/dmi/id/board_name", "PRIME\n"),
		"LENOVO ThinkPad X1":             dmi("LENOVO", "20XW0055GE", "sys/class/dmi/id/product_version", "ThinkPad X1\n"),
		"HP ZBook":                       dmi("HP", "HP ZBook"),
		"Raspberry Pi 5 Model B Rev 1.0": {"sys/firmware/devicetree/base/model": "Raspberry Pi 5 Model B Rev 1.0\x00"},
	} {
		if got := (system{root: tree(t, files)}).product(); got != want {
			t.Errorf("the product is %q, want %q", got, want)
		}
	}
}

func TestBoostAndSMT(t *testing.T) {
	for _, c := range []struct {
		file, text, boost, smt string
	}{
		{"intel_pstate/no_turbo", "0\n", "on", ""}, {"intel_pstate/no_turbo", "1\n", "off", ""},
		{"cpufreq/boost", "1\n", "on", ""}, {"cpufreq/boost", "0\n", "off", ""}, {"cpufreq/policy0/boost", "1\n", "on", ""}, {"cpufreq/boost", "yes\n", "", ""},
		{"smt/active", "1\n", "", "on"}, {"smt/active", "0\n", "", "off"}, {"smt/active", "", "", ""},
	} {
		s := system{root: tree(t, map[string]string{cpuDir + c.file: c.text})}
		if s.boost() != c.boost || s.smt() != c.smt {
			t.Errorf("with %q in %s, boost is %q and SMT %q; want %q and %q", c.text, c.file, s.boost(), s.smt(), c.boost, c.smt)
		}
	}
}

func TestID(t *testing.T) {
	lab := record.Machine{Hostname: "lab", Arch: "amd64", CPU: "Fast CPU", Sockets: 1, Product: "Some Maker"}
	id := func(own string, change func(*record.Machine), files ...string) string {
		m, all := lab, map[string]string{"etc/machine-id": own}
		change(&m)
		for i := 0; i+1 < len(files); i += 2 {
			all[files[i]] = files[i+1]
		}
		return system{root: tree(t, all)}.id(m)
	}
	same := func(*record.Machine) {}
	in := func(kind string) func(*record.Machine) {
		return func(m *record.Machine) { m.Container, m.Hostname = kind, "5f3a" }
	}
	first := id(machine, same)
	if len(first) != 16 || strings.Contains(machine, first) {
		t.Fatalf("the id is %q", first)
	}
	if got := id(machine, func(m *record.Machine) { m.Kernel, m.MemoryBytes, m.Cores, m.CPULimit = "7", 1<<30, 2, 2 }); got != first {
		t.Errorf("with another kernel, memory and limits, the id is %q and was %q", got, first)
	}
	const mount = "700 627 8:1 /etc/machine-id /etc/machine-id ro - ext4 /dev/sda1 rw\n"
	others := map[string]string{}
	for name, got := range map[string]string{
		"this":                               first,
		"another machine-id":                 id("f"+machine[1:], same),
		"a clone with its id":                id(machine, func(m *record.Machine) { m.Hostname = "lab2" }),
		"another CPU":                        id(machine, func(m *record.Machine) { m.CPU = "Slow CPU" }),
		"a container with the host's id":     id(machine, in("docker"), "proc/self/mountinfo", mount),
		"a container that is a whole system": id(machine, in("lxc")),
	} {
		if got == "" || others[got] != "" {
			t.Errorf("%s has the id %q, as %s has", name, got, others[got])
		}
		others[got] = name
	}
	if a, b := id(machine, in("docker"), "proc/self/mountinfo", mount), id(machine, func(m *record.Machine) { in("docker")(m); m.Hostname = "9c1d" }, "proc/self/mountinfo", mount); a != b {
		t.Error("two containers on one machine, with its id, have two")
	}
	for name, got := range map[string]string{
		"no id": id("", same), "uninitialized": id("uninitialized\n", same), "zeros": id(strings.Repeat("0", 32), same), "an id cut short": id(machine[:31], same),
		"a container with its image's id": id(machine, in("docker")),
	} {
		if got != "" {
			t.Errorf("%s gives the id %q", name, got)
		}
	}
}

// memoryDevice is a structure of SMBIOS for a module of a size in MiB.
func memoryDevice(size uint16, kind byte, rated, configured uint16) []byte {
	m := make([]byte, 0x22)
	m[0], m[1], m[fieldType] = smbiosMemory, byte(len(m)), kind
	binary.LittleEndian.PutUint16(m[fieldSize:], size)
	binary.LittleEndian.PutUint16(m[fieldSpeed:], rated)
	binary.LittleEndian.PutUint16(m[fieldConfigured:], configured)
	return append(m, "DIMM A1\x00SERIAL\x00\x00"...)
}

func TestModules(t *testing.T) {
	bios := append([]byte{0, 4, 0, 0}, 0, 0)
	end := []byte{smbiosEnd, 4, 0, 0, 0, 0}
	table := slices.Concat(bios, memoryDevice(0, 0x22, 9999, 9999), memoryDevice(16384, 0x22, 5600, 4800), memoryDevice(16384, 0x22, 4800, 4400), end)
	if kind, speed := smbiosModules(table); kind != "DDR5" || speed != 4400 {
		t.Errorf("the modules are %s at %d", kind, speed)
	}
	fast := slices.Concat(bios, memoryDevice(16384, 0x22, 0xFFFF, 0xFFFF), end)
	if kind, speed := smbiosModules(fast); kind != "DDR5" || speed != 0 {
		t.Errorf("modules whose speed is told elsewhere are %s at %d", kind, speed)
	}
	for n := range table { // cut off anywhere
		smbiosModules(table[:n])
	}
	if kind, speed := (system{root: tree(t, map[string]string{"sys/firmware/dmi/tables/DMI": string(table)})}).modules(); kind != "DDR5" || speed != 4400 {
		t.Errorf("for root, the modules are %s at %d", kind, speed)
	}
	for text, want := range map[string]string{
		"": " 0",
		"E:MEMORY_DEVICE_0_TYPE=DDR4\nE:MEMORY_DEVICE_0_SPEED_MTS=3200\n":                                        "DDR4 3200",
		"E:MEMORY_DEVICE_0_TYPE=Unknown\nE:MEMORY_DEVICE_1_TYPE=LPDDR5\nE:MEMORY_DEVICE_1_SPEED_MTS=x\n":         "LPDDR5 0",
		"E:MEMORY_DEVICE_0_CONFIGURED_SPEED_MTS=2933\nE:MEMORY_DEVICE_1_CONFIGURED_SPEED_MTS=2666\nE:OTHER=1\n":  " 2666",
		"E:MEMORY_DEVICE_0_TYPE=RAM\nE:MEMORY_DEVICE_0_CONFIGURED_SPEED_MTS=-5\nE:MEMORY_DEVICE_\nMEMORY_DEVICE": " 0",
	} {
		kind, speed := udevModules(text)
		if got := fmt.Sprint(kind, " ", speed); got != want {
			t.Errorf("of %q, the modules are %q, want %q", text, got, want)
		}
	}
}
