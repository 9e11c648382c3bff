package machine

import (
	"slices"
	"strings"
)

// Kinds of container. What runs in one of the kinds in systems is a system with its own
// init and its own /etc/machine-id.
var (
	containers = []string{
		"docker", "podman", "kubernetes", "containerd", "lxc", "lxc-libvirt", "systemd-nspawn", "openvz", "gvisor", "apptainer", "wsl", "rkt", "oci", "proot", "pouch", "flatpak",
	}
	systems = []string{"lxc", "lxc-libvirt", "systemd-nspawn", "openvz", "wsl"}
)

// container returns the kind of container that this process is in; empty where it is in
// none. What the innermost kernel says comes first, then what the container's manager
// says, then what it has left in files.
func (s system) container() string {
	switch {
	case strings.Contains(s.text("proc/cmdline"), "-gvisor"):
		return "gvisor"
	case s.getenv("KUBERNETES_SERVICE_HOST") != "" || s.exists("run/secrets/kubernetes.io") || s.exists("var/run/secrets/kubernetes.io"):
		return "kubernetes"
	case s.getenv("APPTAINER_CONTAINER") != "" || s.getenv("SINGULARITY_CONTAINER") != "":
		return "apptainer"
	}
	manager, _, _ := strings.Cut(s.text("run/host/container-manager"), "\n")
	for _, kind := range []string{s.getenv("container"), manager, s.text("run/systemd/container")} {
		if slices.Contains(containers, kind) {
			return kind
		}
	}
	switch {
	case s.exists("proc/vz") && !s.exists("proc/bc"):
		return "openvz"
	case s.exists("run/.containerenv"):
		return "podman"
	}
	if kind := s.inGroup(); kind != "" {
		return kind
	}
	root, known := s.mount("/")
	if kind := root.container(); kind != "" {
		return kind
	}
	// A virtual machine whose disk was made of an image has the file too.
	if s.exists(".dockerenv") && !(known && root.disk()) {
		return "docker"
	}
	if strings.Contains(strings.ToLower(s.text("proc/sys/kernel/osrelease")), "microsoft") {
		return "wsl"
	}
	return ""
}

// inGroup returns the kind of container that the names of control groups tell.
func (s system) inGroup() string {
	groups := s.text("proc/self/cgroup")
	for _, c := range []struct{ part, kind string }{
		{"kubepods", "kubernetes"}, {"libpod", "podman"}, {"docker", "docker"}, {"lxc", "lxc"}, {"cri-containerd", "containerd"},
	} {
		for line := range strings.Lines(groups) {
			// A program in a service of that name is in no container of it.
			if strings.Contains(line, c.part) && !strings.Contains(line, c.part+".service") && !strings.Contains(line, c.part+".socket") {
				return c.kind
			}
		}
	}
	return ""
}

// mounted is a mount as /proc/self/mountinfo has it.
type mounted struct{ from, kind, source, options string }

// mount returns what is mounted at a path, and false where nothing is, or that is not
// known. Of several, the last counts.
func (s system) mount(at string) (m mounted, ok bool) {
	for line := range strings.Lines(s.text("proc/self/mountinfo")) {
		own, super, found := strings.Cut(line, " - ")
		fields, more := strings.Fields(own), strings.Fields(super)
		if found && len(fields) >= 5 && len(more) >= 2 && fields[4] == at {
			m, ok = mounted{from: fields[3], kind: more[0], source: more[1], options: strings.Join(more[2:], " ")}, true
		}
	}
	return m, ok
}

// disk reports whether the whole of a disk's file system is mounted.
func (m mounted) disk() bool {
	return m.from == "/" && strings.HasPrefix(m.source, "/dev/") && !strings.Contains(m.source, "docker")
}

// container returns the kind of container whose layers a root is made of.
func (m mounted) container() string {
	if m.kind != "overlay" && m.kind != "fuse.fuse-overlayfs" {
		return ""
	}
	for _, c := range []struct{ part, kind string }{
		{"/containers/storage/", "podman"}, {"/docker/", "docker"}, {"containerd", "containerd"},
	} {
		if strings.Contains(m.options, c.part) {
			return c.kind
		}
	}
	return ""
}
