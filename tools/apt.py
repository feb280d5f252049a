"""Install Debian packages that are missing, when this user may; otherwise say how."""

import os
import shutil
import subprocess
import sys


def missing(packages):
    """The packages that dpkg does not report as installed."""
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status}"]
    found = {p: subprocess.run([*query, p], capture_output=True, text=True).stdout for p in packages}
    return [p for p in packages if found[p] != "installed"]


def main():
    """Install what the command line names; end with 1 and one sentence when that is not possible."""
    packages = sys.argv[1:]
    if not shutil.which("apt-get") or not shutil.which("dpkg-query"):
        sys.exit("guanxi: please install with your system's package manager: " + " ".join(packages))
    wanted = missing(packages)
    if not wanted:
        return
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if sudo and (not shutil.which("sudo") or subprocess.run([*sudo, "true"], capture_output=True).returncode):
        sys.exit("guanxi: missing packages, please run: sudo apt-get install " + " ".join(wanted))
    print("Installing Debian packages: " + " ".join(wanted), flush=True)
    env = ["env", "DEBIAN_FRONTEND=noninteractive"]
    command = [*sudo, *env, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted]
    if subprocess.run(command, stdout=subprocess.DEVNULL).returncode:
        subprocess.run([*sudo, "apt-get", "update", "-qq"])
        if subprocess.run(command, stdout=subprocess.DEVNULL).returncode:
            sys.exit("guanxi: apt-get could not install %s: check its output above." % " ".join(wanted))


if __name__ == "__main__":
    main()
