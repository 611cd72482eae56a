"""The least that shows a tray icon with PySide6: what the start of the program is compared to."""

from __future__ import annotations

import sys

from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

app = QApplication(sys.argv)
picture = QPixmap(32, 32)
picture.fill("#D9764A")
tray = QSystemTrayIcon(QIcon(picture))
tray.show()
app.exec()
