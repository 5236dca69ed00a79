"""Draw the bundled page of the picture book, large enough for a projector.

python tools/draw_page.py data/pictures/page.png
"""

import argparse
from pathlib import Path

from PIL import Image

from course_utils.picturebook.draw import draw
from course_utils.picturebook.scene import Scene

PAGE = Scene("cat", "orange", "meadow", size="big", detail="crown", spread=(0.4, 0.5, 0.6), backdrop=11)
SIDE = 512


def main() -> None:
    """Read the command line and write the drawing."""
    parser = argparse.ArgumentParser(description="Draw the bundled picture-book page.")
    parser.add_argument("file", type=Path)
    Image.fromarray(draw(PAGE, SIDE)).save(parser.parse_args().file, optimize=True)


if __name__ == "__main__":
    main()
