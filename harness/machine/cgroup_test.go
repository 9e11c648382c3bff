package machine

import (
	"os"
	"path/filepath"
	"testing"
)

// tree makes a root folder with these files.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestLimits(t *testing.T) {
	const v2, v1 = "0::/a/b\n", "12:memory:/docker/x\n5:cpu,cpuacct:/docker/x\n3:cpuset:/\n1:name=systemd:/docker/x\n0::/docker/x\n"
	for _, c := range []struct {
		name   string
		files  map[string]string
		cores  float64
		memory uint64
	}{
		{"nothing", nil, 0, 0},
		{"no limits", map[string]string{
			"proc/self/cgroup": v2, "sys/fs/cgroup/a/b/cpu.max": "max 100000\n", "sys/fs/cgroup/a/b/memory.max": "max\n",
		}, 0, 0},
		{"own", map[string]string{
			"proc/self/cgroup": v2, "sys/fs/cgroup/a/b/cpu.max": "250000 100000\n", "sys/fs/cgroup/a/b/memory.max": "1073741824\n",
		}, 2.5, 1 << 30},
		{"the parent's is tighter", map[string]string{
			"proc/self/cgroup":          v2,
			"sys/fs/cgroup/a/b/cpu.max": "400000 100000\n", "sys/fs/cgroup/a/cpu.max": "50000 100000\n",
			"sys/fs/cgroup/a/b/memory.max": "max\n", "sys/fs/cgroup/a/memory.max": "2147483648\n",
		}, 0.5, 2 << 30},
		{"a container sees its own root", map[string]string{
			"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "100000 50000\n", "sys/fs/cgroup/memory.max": "4096\n",
		}, 2, 4096},
		{"outside the namespace", map[string]string{
			"proc/self/cgroup": "0::/../../b\n", "sys/fs/cgroup/b/cpu.max": "100000 100000\n",
		}, 1, 0},
		{"damaged", map[string]string{
			"proc/self/cgroup": "0::\nx\n0::/a\n", "sys/fs/cgroup/a/cpu.max": "100000\n", "sys/fs/cgroup/cpu.max": "-1 0\n",
			"sys/fs/cgroup/a/memory.max": "", "sys/fs/cgroup/memory.max": "many",
		}, 0, 0},
		{"version 1", map[string]string{
			"proc/self/cgroup": v1,
			"sys/fs/cgroup/cpu/docker/x/cpu.cfs_quota_us": "150000\n", "sys/fs/cgroup/cpu/docker/x/cpu.cfs_period_us": "100000\n",
			"sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes": "536870912\n",
		}, 1.5, 512 << 20},
		{"version 1 without limits", map[string]string{
			"proc/self/cgroup": v1,
			"sys/fs/cgroup/cpu/docker/x/cpu.cfs_quota_us": "-1\n", "sys/fs/cgroup/cpu/docker/x/cpu.cfs_period_us": "100000\n",
			"sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes": "9223372036854771712\n",
		}, 0, 0},
		{"version 1 in a container", map[string]string{
			"proc/self/cgroup":                   v1,
			"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "50000\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "1048576\n",
		}, 0.5, 1 << 20},
		{"another controller's folder", map[string]string{
			"proc/self/cgroup": "3:cpuset:/a\n", "sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "1\n", "sys/fs/cgroup/cpu/a/cpu.cfs_period_us": "1\n",
		}, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if cores, memory := limits(tree(t, c.files)); cores != c.cores || memory != c.memory {
				t.Errorf("limits = %g cores, %d bytes; want %g, %d", cores, memory, c.cores, c.memory)
			}
		})
	}
}

func TestOOMKills(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  int64
		known bool
	}{
		{"nothing", nil, 0, false},
		{"version 2", map[string]string{
			"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.events": "low 0\nhigh 7\nmax 9\noom 5\noom_kill 3\noom_group_kill 1\n",
		}, 3, true},
		{"none yet", map[string]string{"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.events": "oom 0\noom_kill 0\n"}, 0, true},
		{"version 1", map[string]string{
			"proc/self/cgroup":                          "4:memory:/a\n",
			"sys/fs/cgroup/memory/a/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 12\n",
		}, 12, true},
		{"the own group first", map[string]string{
			"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.events": "oom_kill 1\n", "sys/fs/cgroup/a/memory.events": "oom_kill 8\n",
		}, 1, true},
		{"above, where the own has none", map[string]string{
			"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.events": "oom 1\n", "sys/fs/cgroup/a/memory.events": "oom_kill 8\n",
		}, 8, true},
		{"damaged", map[string]string{"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.events": "oom_kill many\n"}, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if n, known := oomKills(tree(t, c.files)); n != c.want || known != c.known {
				t.Errorf("oomKills = %d, %v; want %d, %v", n, known, c.want, c.known)
			}
		})
	}
}

func TestDriver(t *testing.T) {
	for want, files := range map[string]map[string]string{
		"nvidia 580.65.06": {"sys/module/nvidia/version": "580.65.06\n"},
		"amdgpu 6.12.12":   {"sys/module/amdgpu/version": "6.12.12\n", "sys/module/nvidia_drm/version": "1"},
		"":                 nil,
	} {
		if got := (system{root: tree(t, files)}).driver(); got != want {
			t.Errorf("the driver is %q, want %q", got, want)
		}
	}
}
