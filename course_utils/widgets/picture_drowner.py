"""A picture sinking into static: the blend of a clean picture and noise at any t, in the browser."""

from __future__ import annotations

from typing import Any

from traitlets import Bytes, Int, Unicode, validate

from course_utils.widgets.base import View, check_exact, check_range
from course_utils.widgets.encode import NOISE_SCALE, float32_bytes, float_array, int16_bytes, picture_bytes

LAST_T = 1000


class PictureDrowner(View):
    """The noisy picture x_t = signal[t] x0 + noise_level[t] eps beside the noise, with the schedule below.

    x0 is px / 127.5 - 1; x_t is clipped to -1..1 and rounded to 0..255. `t` is 0 (clean) .. 1000 (static).
    The canvas of the noisy picture carries `data-t`, set in the animation frame that painted it.
    """

    _front = ("keys", "chart", "pixels", "picture_drowner")

    width = Int(0, help="Columns of the picture.").tag(sync=True)
    height = Int(0, help="Rows of the picture.").tag(sync=True)
    picture = Bytes(b"", help="uint8 RGB, height * width * 3.").tag(sync=True)
    noise = Bytes(b"", help="int16, eps * 4096, height * width * 3.").tag(sync=True)
    signal = Bytes(b"", help="float32, 1001 values over t = 0..1000.").tag(sync=True)
    noise_level = Bytes(b"", help="float32, 1001 values over t = 0..1000.").tag(sync=True)
    t = Int(0, help="Timestep 0..1000.").tag(sync=True)
    schedule_name = Unicode("").tag(sync=True)
    picture_name = Unicode("").tag(sync=True)

    def set_picture(self, picture: Any) -> None:
        """Show a clean picture, uint8 (height, width, 3); noise of another size is dropped."""
        data, (height, width, _) = picture_bytes(picture, (None, None, 3), "picture")
        with self.one_message():
            if (height, width) != (self.height, self.width):
                self.noise = b""
            self.width, self.height, self.picture = width, height, data

    def set_noise(self, noise: Any) -> None:
        """Use the noise eps, floats (height, width, 3) of the picture's size, standard normal."""
        size = (self.height, self.width) if self.picture else (None, None)
        array = float_array(noise, (*size, 3), "noise")
        with self.one_message():
            self.height, self.width = array.shape[:2]
            self.noise = int16_bytes(array, NOISE_SCALE)

    def set_schedule(self, name: str, signal: Any, noise_level: Any) -> None:
        """Use a schedule: its name and the two curves over t = 0..1000, 1001 floats each."""
        curves = [
            float_array(signal, (LAST_T + 1,), "signal curve"),
            float_array(noise_level, (LAST_T + 1,), "noise curve"),
        ]
        with self.one_message():
            self.schedule_name = name
            self.signal, self.noise_level = map(float32_bytes, curves)

    @validate("t")
    def _valid_t(self, proposal: Any) -> int:
        return check_range(proposal["value"], 0, LAST_T, "timestep t")

    @validate("picture")
    def _valid_picture(self, proposal: Any) -> bytes:
        return check_exact(proposal["value"], self.width * self.height * 3, "picture")

    @validate("noise")
    def _valid_noise(self, proposal: Any) -> bytes:
        return check_exact(proposal["value"], self.width * self.height * 3 * 2, "noise")

    @validate("signal", "noise_level")
    def _valid_curve(self, proposal: Any) -> bytes:
        return check_exact(proposal["value"], (LAST_T + 1) * 4, f"curve {proposal['trait'].name!r}")
