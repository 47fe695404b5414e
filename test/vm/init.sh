#!/vm/busybox sh
# The first and only program of the second kernel: mounts what a node has, runs the job, writes its status and ends the machine.
# It runs from memory: everything of the host below is mounted read-only, but for the folder of results.
box=/vm/busybox
$box mount -t proc proc /proc
$box mount -t sysfs sys /sys
$box mount -t devtmpfs dev /dev
for module in $(cat /vm/boot-modules); do $box modprobe "$module"; done

$box mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=none results /vm/results
# cache=loose: what is shared read-only does not change while the machine runs, so that a file is fetched once.
while read -r tag path; do
  $box mkdir -p "$path"
  $box mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=512000,cache=loose "$tag" "$path"
done </vm/shares

# From here on the kernel loads modules itself, as a distribution's does: a rule that names a match brings its module.
echo /vm/modprobe >/proc/sys/kernel/modprobe
$box mkdir -p /dev/net /dev/pts /dev/shm
$box mknod /dev/net/tun c 10 200
$box ln -s /proc/self/fd /dev/fd
$box mount -t devpts devpts /dev/pts
$box mount -t tmpfs shm /dev/shm
$box mount -t cgroup2 cgroup2 /sys/fs/cgroup
$box ip link set lo up
$box hostname second-kernel

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin HOME=/root LANG=C.UTF-8
read -r uptime rest </proc/uptime
echo "$uptime" >/vm/results/booted
. /vm/job </vm/results/input >/vm/results/output 2>/vm/results/errors
echo $? >/vm/results/status
$box sync
$box reboot -f
