"""What people and CI run; importable only so that tests share `busybox_image`."""
