package machine

import (
	"cmp"
	"slices"
	"strings"
)

// dmi returns one of the firmware's strings that any user may read, without what makers
// leave where they write nothing.
func (s system) dmi(name string) string {
	text := strings.Join(strings.Fields(s.text("sys/class/dmi/id", name)), " ")
	empty := []string{
		"none", "default string", "not specified", "not applicable", "unknown", "invalid", "to be filled by o.e.m.", "o.e.m.",
		"system manufacturer", "system product name", "system version", "n/a", "undefined",
	}
	if slices.Contains(empty, strings.ToLower(text)) {
		return ""
	}
	return text
}

// azureTag is the asset tag of the chassis of every virtual machine of Azure.
const azureTag = "7783-7084-3265-9085-8269-3286-77"

// product returns maker and model, or the cloud and, where it writes that to the
// firmware's strings, the type of the instance. Asset tags and serial numbers are of one
// unit, and not in it.
func (s system) product() string {
	maker, name, chassis := s.dmi("sys_vendor"), s.dmi("product_name"), s.dmi("chassis_asset_tag")
	switch {
	case maker == "Amazon EC2":
		return strings.TrimSpace("AWS " + name)
	case maker == "Xen" && strings.Contains(strings.ToLower(s.dmi("bios_version")), "amazon"):
		return "AWS (Xen)"
	case maker == "Google":
		return cmp.Or(name, "Google Compute Engine")
	case chassis == azureTag:
		return "Azure " + cmp.Or(name, "Virtual Machine")
	case chassis == "OracleCloud.com":
		return strings.TrimSpace("Oracle Cloud " + name)
	}
	if maker == "LENOVO" { // its product_name is a number of parts
		name = cmp.Or(s.dmi("product_version"), name)
	}
	if name == "" {
		maker, name = cmp.Or(s.dmi("board_vendor"), maker), s.dmi("board_name")
	}
	if strings.HasPrefix(strings.ToLower(name), strings.ToLower(maker)) {
		maker = ""
	}
	return cmp.Or(strings.TrimSpace(maker+" "+name), s.text("sys/firmware/devicetree/base/model"))
}

// virtualization returns the hypervisor under the machine; empty on bare metal. flagged
// means that the CPU says there is one.
func (s system) virtualization(flagged bool) string {
	if kind := s.text("sys/hypervisor/type"); kind != "" {
		return kind
	}
	if s.hypervisor != "" {
		return s.hypervisor
	}
	maker, name := s.dmi("sys_vendor"), s.dmi("product_name")
	metal := strings.Contains(name, "metal") // of AWS, without a hypervisor
	for _, v := range []struct{ maker, name, hypervisor string }{
		{"Amazon EC2", "", "kvm"}, {"Google", "Google Compute Engine", "kvm"}, {"QEMU", "", "qemu"}, {"Microsoft Corporation", "Virtual Machine", "hyper-v"}, {"VMware", "", "vmware"},
		{"Xen", "", "xen"}, {"innotek GmbH", "VirtualBox", "virtualbox"}, {"Parallels", "", "parallels"},
		{"OpenStack Foundation", "", "kvm"}, {"Alibaba Cloud", "Alibaba Cloud ECS", "kvm"}, {"DigitalOcean", "Droplet", "kvm"}, {"Hetzner", "vServer", "kvm"},
	} {
		if maker != "" && strings.HasPrefix(maker, v.maker) && strings.HasPrefix(name, v.name) && !metal {
			return v.hypervisor
		}
	}
	if flagged {
		return "hypervisor"
	}
	return ""
}
